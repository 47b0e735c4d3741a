"""The counts of all groups from the process's bitmaps: exact, of one revision, without a statement."""

from collections.abc import Mapping
from typing import Any

from pyroaring import BitMap

from marketplace.facets.groups import Counts, GroupCounts, experience_group, price_group
from marketplace.facets.statements import (
    CERTIFIED,
    EXPERIENCE,
    LANGUAGES,
    MOST_SUBJECTS,
    PRICE,
    SUBJECT,
)
from marketplace.listing.filter_index import FilterBitmaps
from marketplace.listing.filter_index.number_counts import MatchingNumbers
from marketplace.listing.query import Filters


def group_counts(bitmaps: FilterBitmaps, filters: Filters) -> GroupCounts:
    """How often each value of each group occurs among those who pass every filter but its own."""
    others = _Others(dict(bitmaps.passing(filters)))

    def counts(group: str) -> Counts:
        return _counts(bitmaps.values(group), others.than(group))

    def numbers(group: str) -> MatchingNumbers:
        return MatchingNumbers(bitmaps.number(group), others.than(group))

    return GroupCounts(
        subjects=_most_taught(counts(SUBJECT)),
        languages=counts(LANGUAGES),
        price=price_group(numbers(PRICE)),
        experience=experience_group(numbers(EXPERIENCE)),
        certified=_certified(bitmaps, others.than(CERTIFIED)),
    )


class _Others:
    """Who passes all filters but one. What several of these sets have in common is computed once."""

    def __init__(self, passing: Mapping[str, BitMap]) -> None:
        self._passing = passing
        # Those first that fewest pass: what they have in common is small.
        self._fields = sorted(passing, key=lambda field: len(passing[field]))
        self._common: dict[tuple[str, ...], BitMap] = {}

    def than(self, group: str) -> BitMap | None:
        """Who passes all filters but that of `group`; None stands for everybody."""
        fields = tuple(field for field in self._fields if field != group)
        return self._passing_all(fields) if fields else None

    def _passing_all(self, fields: tuple[str, ...]) -> BitMap:
        if len(fields) == 1:
            return self._passing[fields[0]]
        if fields not in self._common:
            self._common[fields] = self._passing_all(fields[:-1]) & self._passing[fields[-1]]
        return self._common[fields]


def _certified(bitmaps: FilterBitmaps, matching: BitMap | None) -> Counts:
    """Every listed tutor has one of the two values: who is not counted under the one has the other."""
    certified = bitmaps.values(CERTIFIED).get(True, BitMap())
    if matching is None:
        return {True: len(certified), False: len(bitmaps.listed) - len(certified)}
    count = certified.intersection_cardinality(matching)
    return {True: count, False: len(matching) - count}


def _counts(values: Mapping[Any, BitMap], matching: BitMap | None) -> Counts:
    counts: Counts = {}
    for value, ids in values.items():
        count = len(ids) if matching is None else ids.intersection_cardinality(matching)
        if count:
            counts[value] = count
    return counts


def _most_taught(counts: Counts) -> Counts:
    most = sorted(counts, key=lambda code: (-counts[code], code))[:MOST_SUBJECTS]
    return {code: counts[code] for code in most}
