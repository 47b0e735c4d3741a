"""Counts of values as the groups of the answer: sorted, summed up in steps and in bars."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from profiles.subjects import label

MOST_BARS = 12
EXPERIENCE_STEPS = (0, 1, 3, 5, 10, 15, 20)

Counts = dict[Any, int]


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


def experience_group(counts: Counts) -> list[dict[str, int]]:
    return [
        {
            "min": least,
            "count": sum(n for years, n in counts.items() if years is not None and years >= least),
        }
        for least in EXPERIENCE_STEPS
    ]


def price_group(counts: Counts) -> dict[str, Any]:
    """Bars of one round width; `from` and `to` belong to their bar, as in the list's filters."""
    rates = {rate: count for rate, count in counts.items() if rate is not None}
    if not rates:
        return {"min": None, "max": None, "histogram": []}
    lowest, highest = min(rates), max(rates)
    width = _bar_width(lowest, highest)
    bars: Counter[int] = Counter()
    for rate, count in rates.items():
        bars[rate // width] += count
    histogram = [
        {"from": bar * width, "to": (bar + 1) * width - 1, "count": bars[bar]}
        for bar in range(lowest // width, highest // width + 1)
    ]
    return {"min": lowest, "max": highest, "histogram": histogram}


def _bar_width(lowest: int, highest: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50 … that needs no more than MOST_BARS bars."""
    scale = 1
    while True:
        for width in (scale, 2 * scale, 5 * scale):
            if highest // width - lowest // width < MOST_BARS:
                return width
        scale *= 10
