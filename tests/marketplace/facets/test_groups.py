"""Steps and bars of numbers, from counts of each value and from bitmaps alike."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from marketplace.facets.groups import (
    EXPERIENCE_STEPS,
    MOST_BARS,
    CountedNumbers,
    experience_group,
    price_group,
)
from marketplace.listing.indexed.filter_index.number_bitmaps import NumberBitmaps
from marketplace.listing.indexed.filter_index.number_counts import MatchingNumbers

values = st.lists(st.none() | st.integers(0, 40) | st.integers(0, 2_000_000), max_size=60)


@given(values, st.sets(st.integers(0, 60)) | st.none())
def test_numbers_make_the_same_groups_whether_counted_one_by_one_or_by_bitmaps(
    numbers: list[int | None], matching: set[int] | None
) -> None:
    bitmaps = NumberBitmaps()
    for tutor_id, number in enumerate(numbers):
        bitmaps.add(number, BitMap([tutor_id]))
    left = [n for each, n in enumerate(numbers) if matching is None or each in matching]
    by_value = CountedNumbers(dict(Counter(left)))
    by_bitmaps = MatchingNumbers(bitmaps, None if matching is None else BitMap(matching))
    known = [number for number in left if number is not None]
    prices, years = price_group(by_value), experience_group(by_value)
    assert (price_group(by_bitmaps), experience_group(by_bitmaps)) == (prices, years)
    assert years == [
        {"min": least, "count": sum(number >= least for number in known)}
        for least in EXPERIENCE_STEPS
    ]
    assert (prices["min"], prices["max"]) == (min(known, default=None), max(known, default=None))
    assert len(prices["histogram"]) <= MOST_BARS
    for bar in prices["histogram"]:
        assert bar["count"] == sum(bar["from"] <= number <= bar["to"] for number in known)
    assert sum(bar["count"] for bar in prices["histogram"]) == len(known)
