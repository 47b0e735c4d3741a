"""Counts of a number's values among those who match, from bitmaps. Knows no database."""

from bisect import bisect_left

from pyroaring import BitMap

from marketplace.listing.filter_index.number_bitmaps import NumberBitmaps


class MatchingNumbers:
    """The numbers of those in `matching`; None stands for everybody. Holds until a bitmap changes."""

    def __init__(self, numbers: NumberBitmaps, matching: BitMap | None) -> None:
        self._numbers = numbers
        self._matching = matching
        # By a limit's place: neighbouring ranges share their limits.
        self._up_to: dict[int, int] = {-1: 0}

    def extremes(self) -> tuple[int, int] | None:
        """The lowest and the highest number that one of them has; None: nobody has any."""
        places = range(len(self._numbers.limits))
        total = self._count_up_to(places[-1])
        if not total:
            return None
        first = self._numbers.numbers_until(bisect_left(places, 1, key=self._count_up_to))
        last = self._numbers.numbers_until(bisect_left(places, total, key=self._count_up_to))
        return next(filter(self._has, first)), next(filter(self._has, reversed(last)))

    def count(self, lowest: int, highest: int) -> int:
        """How many have a number in a range, both ends included."""
        above, up_to, values = self._numbers.parts(lowest, highest)
        return self._count_up_to(up_to) - self._count_up_to(above) + sum(map(self._count, values))

    def _has(self, number: int) -> bool:
        ids = self._numbers.values[number]
        return self._matching is None or bool(ids.intersect(self._matching))

    def _count_up_to(self, place: int) -> int:
        count = self._up_to.get(place)
        if count is None:
            count = self._up_to[place] = self._count(self._numbers.up_to(place))
        return count

    def _count(self, ids: BitMap) -> int:
        if self._matching is None:
            return len(ids)
        return int(ids.intersection_cardinality(self._matching))
