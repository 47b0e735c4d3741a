"""Counts of values as the groups of the answer: sorted, summed up in steps and in bars."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Protocol

from profiles.public.models import EMPTY_LAST
from profiles.subjects import label

MOST_BARS = 12
EXPERIENCE_STEPS = (0, 1, 3, 5, 10, 15, 20)

Counts = dict[Any, int]


class NumberCounts(Protocol):
    """How many of some tutors have which number."""

    def extremes(self) -> tuple[int, int] | None:
        """The lowest and the highest number that one of them has; None: nobody has any."""

    def count(self, lowest: int, highest: int) -> int:
        """How many have a number in a range, both ends included."""


class CountedNumbers:
    """The same of numbers that were counted one by one; None stands for no number."""

    def __init__(self, counts: Counts) -> None:
        self._numbers = sorted(number for number in counts if number is not None)
        counts_in_order = (counts[number] for number in self._numbers)
        # How many have a smaller number than the one at that place.
        self._before = list(accumulate(counts_in_order, initial=0))

    def extremes(self) -> tuple[int, int] | None:
        return (self._numbers[0], self._numbers[-1]) if self._numbers else None

    def count(self, lowest: int, highest: int) -> int:
        start, end = bisect_left(self._numbers, lowest), bisect_right(self._numbers, highest)
        return self._before[end] - self._before[start]


@dataclass(frozen=True)
class GroupCounts:
    """What the answer is made of: counts of values, and the groups of numbers."""

    subjects: Counts
    languages: Counts
    price: dict[str, Any]
    experience: list[dict[str, int]]
    certified: Counts

    def answer(self, is_cut: bool) -> dict[str, Any]:
        """All groups; `is_cut` where not all matches were counted."""
        return {
            "subjects": subject_group(self.subjects),
            "languages": language_group(self.languages),
            "price": self.price,
            "experience": self.experience,
            "has_certifications": {
                "true": self.certified.get(True, 0),
                "false": self.certified.get(False, 0),
            },
            "count_capped": is_cut,
        }


def subject_group(counts: Counts) -> list[dict[str, Any]]:
    return [
        {"code": code, "label": label(code), "count": count} for code, count in _by_count(counts)
    ]


def language_group(counts: Counts) -> list[dict[str, Any]]:
    """Of values such as "uk" or ",uk,en"."""
    each: Counter[str] = Counter()
    for codes, count in counts.items():
        for code in filter(None, codes.split(",")):
            each[code] += count
    return [{"code": code, "count": count} for code, count in _by_count(each)]


def _by_count(counts: Mapping[Any, int]) -> Iterable[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def experience_group(years: NumberCounts) -> list[dict[str, int]]:
    return [{"min": least, "count": years.count(least, EMPTY_LAST)} for least in EXPERIENCE_STEPS]


def price_group(rates: NumberCounts) -> dict[str, Any]:
    """Bars of one round width; `from` and `to` belong to their bar, as in the list's filters."""
    extremes = rates.extremes()
    if extremes is None:
        return {"min": None, "max": None, "histogram": []}
    lowest, highest = extremes
    width = _bar_width(lowest, highest)
    ends = ((bar * width, (bar + 1) * width - 1) for bar in _bars(lowest, highest, width))
    histogram = [
        {"from": first, "to": last, "count": rates.count(first, last)} for first, last in ends
    ]
    return {"min": lowest, "max": highest, "histogram": histogram}


def _bars(lowest: int, highest: int, width: int) -> range:
    return range(lowest // width, highest // width + 1)


def _bar_width(lowest: int, highest: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50 … that needs no more than MOST_BARS bars."""
    scale = 1
    while True:
        for width in (scale, 2 * scale, 5 * scale):
            if len(_bars(lowest, highest, width)) <= MOST_BARS:
                return width
        scale *= 10
