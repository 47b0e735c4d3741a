"""The counts of all groups from the process's bitmaps: exact, of one revision, without a statement."""

from collections.abc import Mapping

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
from marketplace.listing.indexed.filter_index import FilterBitmaps
from marketplace.listing.indexed.filter_index.dense_sets import DenseSet
from marketplace.listing.indexed.filter_index.number_counts import MatchingNumbers
from marketplace.listing.query import Filters


def group_counts(bitmaps: FilterBitmaps, filters: Filters) -> GroupCounts:
    """How often each value of each group occurs among those who pass every filter but its own."""
    others = _Others(bitmaps, dict(bitmaps.passing(filters)))

    def counts(group: str) -> Counts:
        return _counts(bitmaps, group, others.than(group))

    def numbers(group: str) -> MatchingNumbers:
        among = others.than(group)
        return MatchingNumbers(bitmaps.number(group), None if among is None else among.ids)

    return GroupCounts(
        subjects=_most_taught(counts(SUBJECT)),
        languages=counts(LANGUAGES),
        price=price_group(numbers(PRICE)),
        experience=experience_group(numbers(EXPERIENCE)),
        certified=counts(CERTIFIED),
    )


class _Others:
    """Who passes all filters but one. What several of these sets have in common is computed once."""

    def __init__(self, bitmaps: FilterBitmaps, passing: Mapping[str, BitMap]) -> None:
        self._bitmaps = bitmaps
        self._passing = passing
        # Those first that fewest pass: what they have in common is small.
        self._fields = sorted(passing, key=lambda field: len(passing[field]))
        self._common: dict[tuple[str, ...], BitMap] = {}
        self._dense: dict[tuple[str, ...], DenseSet] = {}

    def than(self, group: str) -> DenseSet | None:
        """Who passes all filters but that of `group`; None stands for everybody."""
        fields = tuple(field for field in self._fields if field != group)
        if not fields:
            return None
        if fields not in self._dense:
            self._dense[fields] = self._bitmaps.dense(self._passing_all(fields))
        return self._dense[fields]

    def _passing_all(self, fields: tuple[str, ...]) -> BitMap:
        if len(fields) == 1:
            return self._passing[fields[0]]
        if fields not in self._common:
            self._common[fields] = self._passing_all(fields[:-1]) & self._passing[fields[-1]]
        return self._common[fields]


def _counts(bitmaps: FilterBitmaps, group: str, among: DenseSet | None) -> Counts:
    if among is None:
        return {value: len(ids) for value, ids in bitmaps.values(group).items()}
    return among.common_with(bitmaps.dense_values(group))


def _most_taught(counts: Counts) -> Counts:
    most = sorted(counts, key=lambda code: (-counts[code], code))[:MOST_SUBJECTS]
    return {code: counts[code] for code in most}
