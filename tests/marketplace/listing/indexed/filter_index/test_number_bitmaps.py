"""Ranges and counts of numbers from cumulative bitmaps, against plain Python, after any changes."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyroaring import BitMap

from marketplace.listing.indexed.filter_index import number_bitmaps
from marketplace.listing.indexed.filter_index.number_bitmaps import (
    FEWEST_BEFORE_NEW_LIMITS,
    MOST_BETWEEN_LIMITS,
    SHARES,
    NumberBitmaps,
)
from marketplace.listing.indexed.filter_index.number_counts import MatchingNumbers
from profiles.public.models import EMPTY_LAST

# Some values are everybody's, most are nobody's, and some lie far from all others.
numbers = st.one_of(
    st.sampled_from([0, 200, 300]), st.integers(-150, 900), st.sampled_from([10**6, EMPTY_LAST - 1])
)
people = st.dictionaries(st.integers(1, 500), st.none() | numbers, max_size=120)
ranges = st.tuples(numbers | st.just(EMPTY_LAST), numbers | st.just(EMPTY_LAST)).map(sorted)
Values = dict[int, int | None]


def bitmaps_of(values: Values) -> NumberBitmaps:
    bitmaps = NumberBitmaps()
    for tutor_id, value in values.items():
        bitmaps.add(value, BitMap([tutor_id]))
    return bitmaps


def within(values: Values, lowest: int, highest: int) -> set[int]:
    return {
        tutor_id
        for tutor_id, value in values.items()
        if value is not None and lowest <= value <= highest
    }


def check(bitmaps: NumberBitmaps, values: Values, matching: set[int] | None, ends: Any) -> None:
    lowest, highest = ends
    expected = within(values, lowest, highest)
    assert set(bitmaps.between(lowest, highest)) == expected
    counted = MatchingNumbers(bitmaps, None if matching is None else BitMap(matching))
    among = {
        tutor_id: value
        for tutor_id, value in values.items()
        if value is not None and (matching is None or tutor_id in matching)
    }
    assert counted.count(lowest, highest) == len(expected & among.keys())
    extremes = (min(among.values()), max(among.values())) if among else None
    assert counted.extremes() == extremes
    assert counted.count(-EMPTY_LAST, EMPTY_LAST) == len(among)


@given(
    people,
    st.lists(
        st.tuples(people, st.sets(st.integers(1, 500)) | st.none(), ranges), min_size=1, max_size=5
    ),
)
@example(values={}, steps=[({}, None, (0, 1)), ({1: 5}, {1}, (5, 5)), ({1: None}, {1}, (5, 5))])
def test_ranges_and_counts_hold_after_every_change(values: Values, steps: list[Any]) -> None:
    bitmaps = bitmaps_of(values)
    for changed, matching, ends in steps:
        check(bitmaps, values, matching, ends)
        bitmaps.remove(BitMap(changed))
        for tutor_id, value in changed.items():
            bitmaps.add(value, BitMap([tutor_id]))
        values = values | changed
        check(bitmaps, values, matching, ends)
        present = {value for value in values.values() if value is not None}
        assert list(bitmaps.numbers) == sorted(present)
        assert {value: set(ids) for value, ids in bitmaps.values.items()} == {
            value: {each for each in values if values[each] == value}
            for value in present | {None} & {*values.values()}
        }


@given(people, st.lists(ranges, min_size=1, max_size=4), st.sets(st.integers(1, 500)))
def test_ranges_and_counts_do_not_depend_on_where_the_limits_are(
    values: Values, asked: list[Any], matching: set[int]
) -> None:
    for shares, most in ((1, 1), (1, 1000), (3, 2), (1000, 1000)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(number_bitmaps, "SHARES", shares)
            patch.setattr(number_bitmaps, "MOST_BETWEEN_LIMITS", most)
            bitmaps = bitmaps_of(values)
            for ends in asked:
                check(bitmaps, values, matching, ends)


def test_a_range_of_many_values_unites_few_of_them() -> None:
    bitmaps = NumberBitmaps()
    values = 40 * MOST_BETWEEN_LIMITS
    for value in range(values):
        bitmaps.add(value, BitMap(range(10 * value, 10 * value + 10)))
    assert len(bitmaps.limits) <= SHARES + values // MOST_BETWEEN_LIMITS
    for lowest in range(0, values - 100, 37):
        for highest in range(lowest + 2, values, 53):
            assert len(bitmaps.parts(lowest, highest).values) <= 2 * MOST_BETWEEN_LIMITS


def test_limits_follow_the_values_when_many_have_come() -> None:
    bitmaps = bitmaps_of({1: 5})
    assert list(bitmaps.limits) == [EMPTY_LAST]
    for tutor_id in range(2, FEWEST_BEFORE_NEW_LIMITS + 2):
        bitmaps.add(tutor_id, BitMap([tutor_id]))
    assert len(bitmaps.limits) > 1
    assert set(bitmaps.between(0, 60)) == {1, *range(2, 61)}
