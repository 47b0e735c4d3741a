"""The statistic of the log-in benchmark, not its times."""

import random

from tests.login_timing.kolmogorov_smirnov import SIGNIFICANCE, kolmogorov_smirnov


def times(seed: int, extra: float = 0.0) -> list[float]:
    chance = random.Random(seed)
    return [40 + extra + chance.expovariate(0.2) for _ in range(300)]


def test_two_samples_of_one_distribution_are_not_distinguished():
    _, chance = kolmogorov_smirnov(times(1), times(2))
    assert chance > SIGNIFICANCE


def test_two_milliseconds_more_are_distinguished():
    distance, chance = kolmogorov_smirnov(times(1), times(2, extra=2.0))
    assert distance > 0.2
    assert chance < SIGNIFICANCE


def test_a_sample_is_not_distinguished_from_itself():
    assert kolmogorov_smirnov(times(1), times(1)) == (0.0, 1.0)
