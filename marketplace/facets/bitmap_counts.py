"""The counts of all groups from the process's bitmaps: exact, of one revision, without a statement."""

from collections.abc import Mapping
from dataclasses import replace

from pyroaring import BitMap

from marketplace.facets.groups import Counts
from marketplace.facets.statements import (
    CERTIFIED,
    EXPERIENCE,
    LANGUAGES,
    MOST_SUBJECTS,
    OWN_FILTERS,
    PRICE,
    SUBJECT,
)
from marketplace.listing.filter_index import FilterBitmaps
from marketplace.listing.query import Filters

GROUPS = (PRICE, EXPERIENCE, LANGUAGES, CERTIFIED, SUBJECT)


def group_counts(bitmaps: FilterBitmaps, filters: Filters) -> dict[str, Counts]:
    """How often each value of each group occurs among those who pass every filter but its own."""
    matching: dict[Filters, BitMap | None] = {}
    counts: dict[str, Counts] = {}
    for group in GROUPS:
        others = replace(filters, **OWN_FILTERS[group])
        if others not in matching:
            matching[others] = bitmaps.matching(others)
        counts[group] = _counts(bitmaps.values(group), matching[others])
    counts[SUBJECT] = _most_taught(counts[SUBJECT])
    return counts


def _counts(values: Mapping[object, BitMap], matching: BitMap | None) -> Counts:
    counts = {
        value: len(ids) if matching is None else ids.intersection_cardinality(matching)
        for value, ids in values.items()
    }
    return {value: count for value, count in counts.items() if count}


def _most_taught(counts: Counts) -> Counts:
    most = sorted(counts, key=lambda code: (-counts[code], code))[:MOST_SUBJECTS]
    return {code: counts[code] for code in most}
