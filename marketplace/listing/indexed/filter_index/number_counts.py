"""Counts of a number's values among those who match, from bitmaps. Knows no database."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from pyroaring import BitMap

from marketplace.listing.indexed.filter_index.number_bitmaps import NumberBitmaps

# A limit's bitmap holds so many times as much as a value's does.
LIMIT_COST = 3
# Where many match, somebody has one of the first values; looking for one ends at the first who has it.
FIRST_VALUES = 4


class MatchingNumbers:
    """The numbers of those in `matching`; None stands for everybody. Holds until a bitmap changes."""

    def __init__(self, numbers: NumberBitmaps, matching: BitMap | None) -> None:
        self._bitmaps = numbers
        self._numbers = numbers.numbers
        self._limits = numbers.limits
        self._matching = matching
        # By a limit's place: neighbouring ranges share their limits.
        self._up_to: dict[int, int] = {-1: 0}

    def extremes(self) -> tuple[int, int] | None:
        """The lowest and the highest number that one of them has; None: nobody has any."""
        numbers = self._numbers
        lowest = self._first_held(numbers[:FIRST_VALUES])
        highest = self._first_held(numbers[: -FIRST_VALUES - 1 : -1])
        if lowest is not None and highest is not None:
            return lowest, highest
        places = range(len(self._limits))
        total = self._count_up_to(places[-1])
        if not total:
            return None
        first = self._bitmaps.numbers_until(bisect_left(places, 1, key=self._count_up_to))
        last = self._bitmaps.numbers_until(bisect_left(places, total, key=self._count_up_to))
        lowest, highest = self._first_held(first), self._first_held(reversed(last))
        assert lowest is not None and highest is not None, "both limits have somebody new"
        return lowest, highest

    def count(self, lowest: int, highest: int) -> int:
        """How many have a number in a range, both ends included."""
        start, end = bisect_left(self._numbers, lowest), bisect_right(self._numbers, highest)
        if end - start <= 1:
            return self._count_values(start, end)
        return self._count_first(end) - self._count_first(start)

    def _first_held(self, numbers: Iterable[int]) -> int | None:
        """The first of these numbers that one of them has."""
        matching, values = self._matching, self._bitmaps.values
        for number in numbers:
            if matching is None or values[number].intersect(matching):
                return number
        return None

    def _count_first(self, end: int) -> int:
        """How many have one of the first `end` numbers: counted from the limit that is nearer."""
        if not end:
            return 0
        above = bisect_left(self._limits, self._numbers[end - 1])
        first = bisect_right(self._numbers, self._limits[above - 1]) if above else 0
        last = bisect_right(self._numbers, self._limits[above])
        if last - end + self._cost(above) < end - first + self._cost(above - 1):
            return self._count_up_to(above) - self._count_values(end, last)
        return self._count_up_to(above - 1) + self._count_values(first, end)

    def _cost(self, place: int) -> int:
        return 0 if place in self._up_to else LIMIT_COST

    def _count_up_to(self, place: int) -> int:
        """How many have a number up to the limit at that place."""
        count = self._up_to.get(place)
        if count is None:
            count = self._up_to[place] = self._count(self._bitmaps.up_to(place))
        return count

    def _count_values(self, start: int, end: int) -> int:
        """How many have one of the numbers at these places."""
        values = self._bitmaps.values
        return sum(self._count(values[number]) for number in self._numbers[start:end])

    def _count(self, ids: BitMap) -> int:
        if self._matching is None:
            return len(ids)
        return int(ids.intersection_cardinality(self._matching))
