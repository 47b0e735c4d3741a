"""The ids of a page from bitmaps alone, against sorting in plain Python."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from common.http.pagination import Position
from marketplace.listing.indexed.filter_index.bitmaps import (
    FIELDS,
    LISTED,
    FilterBitmaps,
    filtered_range,
)
from marketplace.listing.indexed.filter_index.ordering import ORDERED_BY, page_ids
from marketplace.listing.query import ORDERINGS, Filters
from profiles.public.models import EMPTY_LAST, SORT_KEYS

people = st.dictionaries(
    st.integers(1, 60), st.none() | st.sampled_from([0, 1, 7, 450]), min_size=1, max_size=20
)


def sorted_keys(values: dict[int, int | None], is_negated: bool) -> list[tuple[int, int]]:
    def key(value: int | None) -> int:
        return EMPTY_LAST if value is None else -value if is_negated else value

    return sorted((key(value), tutor_id) for tutor_id, value in values.items())


@pytest.mark.parametrize("sort_key", ORDERED_BY)
@given(people, st.sets(st.integers(1, 60)) | st.none(), st.integers(1, 5), st.data())
def test_a_page_is_the_next_of_those_in_order(
    sort_key: str,
    values: dict[int, int | None],
    chosen: set[int] | None,
    limit: int,
    data: st.DataObject,
) -> None:
    field, is_negated = ORDERED_BY[sort_key]
    bitmaps = FilterBitmaps()
    bitmaps.add((LISTED, True, BitMap([each])) for each in values)
    bitmaps.add((field, value, BitMap([each])) for each, value in values.items())
    everybody = sorted_keys(values, is_negated)
    matching = [key for key in everybody if chosen is None or key[1] in chosen]
    # Also one who has gone, or whose value was another.
    near = [(key + 1, tutor_id) for key, tutor_id in everybody]
    at = data.draw(st.none() | st.sampled_from(everybody + near))
    backward = data.draw(st.booleans())
    position = None if at is None else Position(at, backward)
    if at is not None and backward:
        expected = [key for key in reversed(matching) if key < at]
    else:
        expected = [key for key in matching if at is None or key > at]
    found = page_ids(bitmaps, None if chosen is None else BitMap(chosen), sort_key, position, limit)
    assert found == [tutor_id for _, tutor_id in expected[:limit]]


def test_every_ordering_but_the_newest_is_decided_by_bitmaps() -> None:
    keys: set[Any] = set(ORDERINGS.values())
    assert keys - ORDERED_BY.keys() == {"by_newest"}
    assert keys <= SORT_KEYS.keys()
    assert {field for field, _ in ORDERED_BY.values()} <= set(FIELDS)


prices = st.sampled_from([0, 1, 7, 450])


@pytest.mark.parametrize("sort_key", ORDERED_BY)
@given(people, prices, st.none() | prices, st.integers(1, 5), st.data())
def test_a_page_of_a_range_is_the_same_as_of_those_in_it(
    sort_key: str,
    values: dict[int, int | None],
    lowest: int,
    highest: int | None,
    limit: int,
    data: st.DataObject,
) -> None:
    field, is_negated = ORDERED_BY[sort_key]
    filters = Filters(price_min=lowest, price_max=highest, experience_min=lowest)
    bitmaps = FilterBitmaps()
    bitmaps.add((field, value, BitMap([each])) for each, value in values.items())
    bounds = filtered_range(filters, field)
    matching = BitMap(values) if bounds is None else bitmaps.number(field).between(*bounds)
    at = data.draw(st.none() | st.sampled_from(sorted_keys(values, is_negated)))
    position = None if at is None else Position(at, data.draw(st.booleans()))
    expected = page_ids(bitmaps, matching, sort_key, position, limit)
    assert page_ids(bitmaps, matching, sort_key, position, limit, filters) == expected
