"""The ids of a page in any ordering by a number: value by value, and by ascending id within each."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice

from pyroaring import BitMap

from common.http.pagination import Position
from marketplace.listing.indexed.filter_index.bitmaps import (
    EXPERIENCE,
    PRICE,
    RATING,
    SCORE,
    FilterBitmaps,
    filtered_range,
)
from marketplace.listing.query import Filters
from profiles.public.models import EMPTY_LAST

# The sort keys (profiles.public.models.SORT_KEYS) that are a number of FilterBitmaps, and whether negated.
# The time of registration is not: nearly everybody has one of their own.
ORDERED_BY: dict[str, tuple[str, bool]] = {
    "by_score": (SCORE, True),
    "by_rate": (PRICE, False),
    "by_rate_desc": (PRICE, True),
    "by_experience": (EXPERIENCE, False),
    "by_experience_desc": (EXPERIENCE, True),
    "by_rating": (RATING, False),
    "by_rating_desc": (RATING, True),
}

NO_FILTERS = Filters()


def page_ids(
    bitmaps: FilterBitmaps,
    matching: BitMap | None,
    sort_key: str,
    position: Position | None,
    limit: int,
    filters: Filters = NO_FILTERS,
) -> list[int]:
    """Up to `limit` ids from `position` on, nearest first, of those in `matching`; None: of all.

    `filters` are some that all of `matching` pass.
    """
    backward = position is not None and position.backward
    found: list[int] = []
    for key, ids in _segments(bitmaps, sort_key, position, filters):
        if matching is not None:
            # Most values have nobody where few match, which costs a tenth of an empty intersection.
            if not ids.intersect(matching):
                continue
            ids = ids & matching
        at = None
        if position is not None and key == position.key[0]:
            at = int(position.key[1])
        found += _nearest(ids, at, limit - len(found), backward)
        if len(found) == limit:
            break
    return found


def _segments(
    bitmaps: FilterBitmaps, sort_key: str, position: Position | None, filters: Filters
) -> Iterator[tuple[int, BitMap]]:
    """Each sort key from that of `position` on, nearest first, and who has it; those aside that
    nobody has who passes `filters`."""
    field, is_negated = ORDERED_BY[sort_key]
    values, numbers = bitmaps.number(field).values, bitmaps.number(field).numbers
    bounds = filtered_range(filters, field)
    if bounds is not None:
        numbers = numbers[bisect_left(numbers, bounds[0]) : bisect_right(numbers, bounds[1])]
    keys = [-number for number in reversed(numbers)] if is_negated else numbers
    # An unset value sorts last either way.
    keys = [*keys, EMPTY_LAST] if None in values else keys
    if position is not None and position.backward:
        keys = keys[: bisect_right(keys, position.key[0])][::-1]
    elif position is not None:
        keys = keys[bisect_left(keys, position.key[0]) :]
    for key in keys:
        yield key, values[None if key == EMPTY_LAST else -key if is_negated else key]


def _nearest(ids: BitMap, at: int | None, limit: int, backward: bool) -> list[int]:
    """The first ids after `at`, or the last ones before it, nearest first."""
    if backward:
        end = len(ids) if at is None else ids.rank(at - 1)
        return list(ids[max(0, end - limit) : end])[::-1]
    if at is None:
        # A slice costs twice as much.
        return list(islice(ids, limit))
    start = ids.rank(at)
    return list(ids[start : start + limit])
