"""One Roaring bitmap of tutors' ids for each value that lists are filtered or ordered by. Knows no
database."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyroaring import BitMap

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
# So many neighbouring values of a number are united once, and changed with them: a range of prices has
# hundreds of values, and uniting them costs more than all else of a list.
BLOCK = 16

# Field, value and the ids of the tutors who have it.
Postings = Iterable[tuple[str, Any, BitMap]]


class FilterBitmaps:
    """The bitmaps of all listed tutors. Not safe for threads."""

    def __init__(self) -> None:
        self._fields: dict[str, dict[Any, BitMap]] = {field: {} for field in FIELDS}
        self._numbers: dict[str, list[int]] = {}
        # By field and the block's place among the field's blocks.
        self._blocks: dict[tuple[str, int], BitMap] = {}

    @property
    def listed(self) -> BitMap:
        """All listed tutors; not to be changed."""
        return self._fields[LISTED].get(True) or BitMap()

    def values(self, field: str) -> Mapping[Any, BitMap]:
        """Every value that a listed tutor has, and who has it; not to be changed."""
        return self._fields[field]

    def numbers(self, field: str) -> list[int]:
        """The values of one of NUMBERS that somebody has, ascending and without None."""
        numbers = self._numbers.get(field)
        if numbers is None:
            numbers = sorted(value for value in self._fields[field] if value is not None)
            self._numbers[field] = numbers
        return numbers

    def add(self, postings: Postings) -> None:
        """Add tutors under the values they have."""
        for field, value, ids in postings:
            stored = self._fields[field].get(value)
            if stored is None:
                self._fields[field][value] = BitMap(ids)
                self._forget_order(field)
            else:
                stored |= ids
                self._add_to_block(field, value, ids)

    def remove(self, ids: BitMap) -> None:
        """Remove tutors from all values, and values that nobody has any more."""
        for block in self._blocks.values():
            block -= ids
        for field, bitmaps in self._fields.items():
            for value in [value for value, stored in bitmaps.items() if stored.intersect(ids)]:
                bitmaps[value] -= ids
                if not bitmaps[value]:
                    del bitmaps[value]
                    self._forget_order(field)

    def _add_to_block(self, field: str, value: Any, ids: BitMap) -> None:
        """Keep the block of a value, if it is united already, what its values are together."""
        numbers = self._numbers.get(field)
        if numbers is not None and value is not None:
            block = self._blocks.get((field, bisect_left(numbers, value) // BLOCK))
            if block is not None:
                block |= ids

    def _forget_order(self, field: str) -> None:
        """Forget which numbers are neighbours, as one has come or gone."""
        if self._numbers.pop(field, None) is not None:
            self._blocks = {key: block for key, block in self._blocks.items() if key[0] != field}

    def matching(self, filters: Filters) -> BitMap | None:
        """Who passes all of the filters; None stands for everybody, where no filter is set."""
        found: BitMap | None = None
        given = list(self._given(filters))
        if not all(given):
            # Nobody has any of the values that pass one of them.
            return BitMap()
        for bitmaps in given:
            passing = bitmaps[0] if len(bitmaps) == 1 else BitMap.union(BitMap(), *bitmaps)
            found = passing if found is None else found & passing
            if not found:
                return BitMap()
        return found

    def count(self, filters: Filters) -> int:
        """How many pass all of the filters."""
        found = self.matching(filters)
        return len(self.listed if found is None else found)

    def _given(self, filters: Filters) -> Iterator[list[BitMap]]:
        """For each filter that is set, the bitmaps of the values that pass it; cheap ones first."""
        if filters.subject:
            yield self._of(SUBJECT, filters.subject)
        if filters.language:
            yield self._of(LANGUAGES, filters.language)
        if filters.has_certifications is not None:
            yield self._of(CERTIFIED, (filters.has_certifications,))
        if filters.experience_min is not None:
            yield self._between(EXPERIENCE, filters.experience_min, EMPTY_LAST)
        if filters.price_min is not None or filters.price_max is not None:
            highest = EMPTY_LAST if filters.price_max is None else filters.price_max
            yield self._between(PRICE, filters.price_min or 0, highest)

    def _of(self, field: str, values: Iterable[Any]) -> list[BitMap]:
        bitmaps = self._fields[field]
        return [bitmaps[value] for value in values if value in bitmaps]

    def _between(self, field: str, lowest: int, highest: int) -> list[BitMap]:
        """The values of a range, which an unset value is never in."""
        numbers = self.numbers(field)
        start, end = bisect_left(numbers, lowest), bisect_right(numbers, highest)
        first, last = -(-start // BLOCK), end // BLOCK
        if first >= last:
            return self._of(field, numbers[start:end])
        rest = (*numbers[start : first * BLOCK], *numbers[last * BLOCK : end])
        return [*self._of(field, rest), *(self._block(field, each) for each in range(first, last))]

    def _block(self, field: str, place: int) -> BitMap:
        """Who has one of the values of a block; not to be changed."""
        block = self._blocks.get((field, place))
        if block is None:
            values = self.numbers(field)[place * BLOCK : (place + 1) * BLOCK]
            block = BitMap.union(BitMap(), *self._of(field, values))
            self._blocks[field, place] = block
        return block
