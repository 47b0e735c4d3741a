"""Whether two samples are of one distribution."""

import math
from bisect import bisect_right
from collections.abc import Sequence

SIGNIFICANCE = 0.01


def kolmogorov_smirnov(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """The largest distance between two samples' distributions, and how likely chance alone makes
    one as large (the asymptotic series)."""
    first, second = sorted(one), sorted(other)
    distance = max(
        abs(bisect_right(first, value) / len(first) - bisect_right(second, value) / len(second))
        for value in (*first, *second)
    )
    weight = math.sqrt(len(first) * len(second) / (len(first) + len(second)))
    scaled = (weight + 0.12 + 0.11 / weight) * distance
    terms = ((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 101))
    return distance, 1.0 if scaled < 0.2 else min(1.0, max(0.0, 2 * sum(terms)))
