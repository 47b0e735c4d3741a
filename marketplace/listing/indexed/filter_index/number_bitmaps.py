"""Who has which value of a number: a bitmap of tutors' ids for each value, and cumulative ones, so that
a range of hundreds of values is the difference of two. Knows no database."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pyroaring import BitMap

from profiles.public.models import EMPTY_LAST

# A cumulative bitmap holds everybody up to a limit. Between two limits are less than one of so many
# equal shares of the tutors, apart from the last value.
SHARES = 64
# Nor are there more values between two limits than the greater of this and one of these shares.
MOST_BETWEEN_LIMITS = 16
# Limits are chosen anew when half as many tutors were added as there were, and not before so many.
FEWEST_BEFORE_NEW_LIMITS = 100


class Parts(NamedTuple):
    """What a range of values consists of: the difference of two cumulative bitmaps, and values.

    The places of their limits; -1 stands for no bitmap.
    """

    above: int
    up_to: int
    values: list[BitMap]


class NumberBitmaps:
    """The bitmaps of one number. Not safe for threads."""

    def __init__(self) -> None:
        self._values: dict[int | None, BitMap] = {}
        self._numbers: list[int] = []
        # Ascending, the last of them EMPTY_LAST; none until they are asked for.
        self._limits: list[int] = []
        self._up_to: list[BitMap] = []
        # Tutors to be added before the limits count as outdated.
        self._left = 0

    @property
    def values(self) -> Mapping[int | None, BitMap]:
        """Every value that somebody has, and who has it; not to be changed."""
        return self._values

    @property
    def numbers(self) -> Sequence[int]:
        """The values that somebody has, ascending and without None; not to be changed."""
        return self._numbers

    @property
    def limits(self) -> Sequence[int]:
        """Up to which values there are cumulative bitmaps, ascending: at least one, for all values."""
        if not self._limits:
            self._choose_limits()
        return self._limits

    def up_to(self, place: int) -> BitMap:
        """Who has a value up to the limit at that place; not to be changed."""
        return self._up_to[place]

    def numbers_until(self, place: int) -> Sequence[int]:
        """The values up to the limit at that place, and above the one before."""
        start = bisect_right(self._numbers, self.limits[place - 1]) if place else 0
        return self._numbers[start : bisect_right(self._numbers, self.limits[place])]

    def add(self, value: int | None, ids: BitMap) -> None:
        """Add tutors under the value that they have."""
        stored = self._values.get(value)
        if stored is not None:
            stored |= ids
        else:
            self._values[value] = BitMap(ids)
            if value is not None:
                insort(self._numbers, value)
        if value is not None and self._limits:
            for up_to in self._up_to[bisect_left(self._limits, value) :]:
                up_to |= ids
            self._left -= len(ids)
            if self._left <= 0:
                self._limits, self._up_to = [], []

    def remove(self, ids: BitMap) -> None:
        """Remove tutors from all values, and values that nobody has any more."""
        for up_to in self._up_to:
            up_to -= ids
        for value in self._values_of(ids):
            stored = self._values[value]
            stored -= ids
            if not stored:
                del self._values[value]
                if value is not None:
                    del self._numbers[bisect_left(self._numbers, value)]

    def _values_of(self, ids: BitMap) -> list[int | None]:
        """The values that some of these tutors have. Each has one at most."""
        found, left = list[int | None](), len(ids)
        for value, stored in self._values.items():
            if stored.intersect(ids):
                found.append(value)
                left -= stored.intersection_cardinality(ids)
                if not left:
                    break
        return found

    def between(self, lowest: int, highest: int) -> BitMap:
        """Who has a value in a range, both ends included; not to be changed."""
        above, up_to, values = self.parts(lowest, highest)
        if up_to < 0:
            return values[0] if len(values) == 1 else BitMap.union(BitMap(), *values)
        if above < 0:
            found = self._up_to[up_to]
            return BitMap.union(found, *values) if values else found
        found = self._up_to[up_to] - self._up_to[above]
        for ids in values:
            found |= ids
        return found

    def parts(self, lowest: int, highest: int) -> Parts:
        """What a range of values, both ends included, consists of; not to be changed."""
        numbers, limits = self._numbers, self.limits
        start, end = bisect_left(numbers, lowest), bisect_right(numbers, highest)
        above = up_to = -1
        if end - start > 1:
            # The first limit that leaves out all lower numbers, and the last one below all higher ones.
            above = bisect_left(limits, numbers[start - 1]) if start else -1
            up_to = (bisect_left(limits, numbers[end]) if end < len(numbers) else len(limits)) - 1
        if up_to <= above:
            return Parts(-1, -1, [self._values[each] for each in numbers[start:end]])
        first = bisect_right(numbers, limits[above]) if above >= 0 else start
        rest = (*numbers[start:first], *numbers[bisect_right(numbers, limits[up_to]) : end])
        return Parts(above, up_to, [self._values[each] for each in rest])

    def _choose_limits(self) -> None:
        total = sum(len(self._values[number]) for number in self._numbers)
        most = max(MOST_BETWEEN_LIMITS, len(self._numbers) // SHARES)
        found, since = BitMap(), list[BitMap]()
        for number in self._numbers[:-1]:
            since.append(self._values[number])
            if len(since) == most or sum(map(len, since)) * SHARES >= total:
                found = BitMap.union(found, *since)
                self._limits.append(number)
                self._up_to.append(found)
                since = []
        # The last bitmap has everybody who has a number, however great it is.
        since += (self._values[number] for number in self._numbers[-1:])
        self._limits.append(EMPTY_LAST)
        self._up_to.append(BitMap.union(found, *since))
        self._left = max(FEWEST_BEFORE_NEW_LIMITS, total // 2)
