"""One Roaring bitmap of tutors' ids for each value that lists are filtered or ordered by. Knows no
database."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyroaring import BitMap

from marketplace.listing.indexed.filter_index.dense_sets import DenseSet, DenseSets
from marketplace.listing.indexed.filter_index.number_bitmaps import NumberBitmaps
from marketplace.listing.query import Filters
from profiles.public.models import EMPTY_LAST

# The fields, by the names of the columns they are read from.
LISTED, SUBJECT = "listed", "subject"
PRICE, EXPERIENCE = "hourly_rate", "experience_years"
LANGUAGES, CERTIFIED = "languages", "has_certifications"
SCORE, RATING = "score", "rating"
FIELDS = (LISTED, SUBJECT, PRICE, EXPERIENCE, LANGUAGES, CERTIFIED, SCORE, RATING)
# Every listed tutor has one value of these, which may be None.
NUMBERS = (PRICE, EXPERIENCE, SCORE, RATING)
# Field, value and the ids of the tutors who have it.
Postings = Iterable[tuple[str, Any, BitMap]]


def filtered_range(filters: Filters, field: str) -> tuple[int, int] | None:
    """Between which values, both included, a number lies that passes; None where any does."""
    bounds: tuple[int | None, int | None] = None, None
    if field == PRICE:
        bounds = filters.price_min, filters.price_max
    elif field == EXPERIENCE:
        bounds = filters.experience_min, None
    if bounds == (None, None):
        return None
    lowest, highest = bounds
    return lowest or 0, EMPTY_LAST if highest is None else highest


class FilterBitmaps:
    """The bitmaps of all listed tutors. Not safe for threads."""

    def __init__(self) -> None:
        self._numbers = {field: NumberBitmaps() for field in NUMBERS}
        self._sets: dict[str, dict[Any, BitMap]] = {
            field: {} for field in FIELDS if field not in NUMBERS
        }
        self._dense = DenseSets(self._sets, lambda: self.listed)

    @property
    def listed(self) -> BitMap:
        """All listed tutors; not to be changed."""
        return self._sets[LISTED].get(True) or BitMap()

    def values(self, field: str) -> Mapping[Any, BitMap]:
        """Every value that a listed tutor has, and who has it; not to be changed."""
        return self._numbers[field].values if field in self._numbers else self._sets[field]

    def number(self, field: str) -> NumberBitmaps:
        """One of NUMBERS; not to be changed."""
        return self._numbers[field]

    def dense(self, ids: BitMap) -> DenseSet:
        """A set of listed tutors in a form that is counted fast; not to be changed."""
        return self._dense.form_of(ids)

    def dense_values(self, field: str) -> Mapping[Any, DenseSet]:
        """The same of every value of a field that is none of NUMBERS, and who has it."""
        return self._dense.forms_of(field)

    def add(self, postings: Postings) -> None:
        """Add tutors under the values they have."""
        for field, value, ids in postings:
            self._dense.note_change(ids)
            if field in self._numbers:
                self._numbers[field].add(value, ids)
            elif value in self._sets[field]:
                self._sets[field][value] |= ids
            else:
                self._sets[field][value] = BitMap(ids)

    def remove(self, ids: BitMap) -> None:
        """Remove tutors from all values, and values that nobody has any more."""
        self._dense.note_change(ids)
        for number in self._numbers.values():
            number.remove(ids)
        for bitmaps in self._sets.values():
            for value in [value for value, stored in bitmaps.items() if stored.intersect(ids)]:
                bitmaps[value] -= ids
                if not bitmaps[value]:
                    del bitmaps[value]

    def matching(self, filters: Filters) -> BitMap | None:
        """Who passes all of the filters; None stands for everybody, where no filter is set.

        Not to be changed.
        """
        found: BitMap | None = None
        for _, passing in self.passing(filters):
            found = passing if found is None else found & passing
            if not found:
                break
        return found

    def count(self, filters: Filters) -> int:
        """How many pass all of the filters."""
        found = self.matching(filters)
        return len(self.listed if found is None else found)

    def passing(self, filters: Filters) -> Iterator[tuple[str, BitMap]]:
        """The fields that are filtered by, and who passes that filter alone; not to be changed.

        Those come first that cost least to know: where nobody passes one, the next need not be asked for.
        """
        if filters.has_certifications is not None:
            yield CERTIFIED, self._union(CERTIFIED, (filters.has_certifications,))
        for field in (EXPERIENCE, PRICE):
            bounds = filtered_range(filters, field)
            if bounds is not None:
                yield field, self._numbers[field].between(*bounds)
        if filters.subject:
            yield SUBJECT, self._union(SUBJECT, filters.subject)
        if filters.language:
            yield LANGUAGES, self._union(LANGUAGES, filters.language)

    def _union(self, field: str, values: Iterable[Any]) -> BitMap:
        bitmaps = [self._sets[field][value] for value in values if value in self._sets[field]]
        return bitmaps[0] if len(bitmaps) == 1 else BitMap.union(BitMap(), *bitmaps)
