"""The spans of time that a page is looked for in, one after the other until it is full.

To look into a month's partition costs three pages of PostgreSQL for each filter value, whether it
has any event of the person or not. So a page is looked for in the nearest months first, and in the
others only if it is not full: few pages look into all.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from activity.log.pages.event_filter import EventFilter
from activity.partitions import month_after, month_of
from activity.uuid_time import EPOCH, MICROSECOND
from common import clock
from common.http.pagination import Position

# Of all events: no id consists of zeros or ones alone, as it has a version.
LOWEST_ID, HIGHEST_ID = "0" * 32, "f" * 32
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# The windows' lengths; another one, without an end, follows. A page mostly lies within the first. A
# third one would save short logs some pages, and cost them another call.
MONTHS = (2,)


class EventKey(NamedTuple):
    """An event's place in the log: its time, and its id in hexadecimal digits without hyphens."""

    timestamp: datetime
    id: str


class Window(NamedTuple):
    """The events between two keys, without these."""

    after: EventKey
    before: EventKey


def windows_from(event_filter: EventFilter, position: Position | None) -> list[Window]:
    """Where the filter's events from `position` on can be, nearest first; none if nowhere."""
    lowest = EventKey(event_filter.since or EARLIEST, LOWEST_ID)
    highest = EventKey(event_filter.until or LATEST, HIGHEST_ID)
    if position is None:
        return list(_clipped(_older(min(clock.now(), highest.timestamp)), lowest, highest))
    key = EventKey(EPOCH + timedelta(microseconds=position.key[0]), position.key[1])
    if position.backward:
        return list(_clipped(_newer(key.timestamp), max(lowest, key), highest))
    highest = min(highest, key)
    return list(_clipped(_older(highest.timestamp), lowest, highest))


def _older(newest: datetime) -> Sequence[Window]:
    """All of time, latest first: up to the month before `newest`, and so on."""
    month = month_of(max(newest, EPOCH))
    starts = [month_after(month, 1 - months) for months in accumulate(MONTHS)]
    ends = [LATEST, *(start - MICROSECOND for start in starts)]
    return [_window(*each) for each in zip([*starts, EARLIEST], ends, strict=True)]


def _newer(oldest: datetime) -> Sequence[Window]:
    """All of time, earliest first: up to the month after `oldest`, and so on."""
    month = month_of(oldest)
    # Years have four digits.
    ends = [
        month_after(month, months) - MICROSECOND
        for months in accumulate(MONTHS)
        if month.year < LATEST.year - 1
    ]
    starts = [EARLIEST, *(end + MICROSECOND for end in ends)]
    return [_window(*each) for each in zip(starts, [*ends, LATEST], strict=True)]


def _window(first: datetime, last: datetime) -> Window:
    """With the first and the last microsecond."""
    return Window(EventKey(first, LOWEST_ID), EventKey(last, HIGHEST_ID))


def _clipped(windows: Sequence[Window], lowest: EventKey, highest: EventKey) -> Iterator[Window]:
    """What the windows have between the keys."""
    for window in windows:
        after, before = max(window.after, lowest), min(window.before, highest)
        if after < before:
            yield Window(after, before)
