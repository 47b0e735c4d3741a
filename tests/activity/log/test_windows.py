"""The windows of time of a page: together all that is asked for, nearest first, none twice."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from activity.log.pages import EventFilter, windows_from
from activity.log.pages.windows import EARLIEST, LATEST, MONTHS, EventKey, Window
from activity.uuid_time import MICROSECOND, to_microseconds
from common import clock
from common.http.pagination import Position

YEARS = {"min_value": datetime(1970, 1, 1), "max_value": datetime(9999, 12, 31, 23, 59, 59)}
MOMENTS = st.datetimes(**YEARS).map(lambda moment: moment.replace(tzinfo=UTC))
NEAR = st.integers(-2000, 400).map(lambda days: clock.now() + timedelta(days=days))
TIMES = st.one_of(st.none(), NEAR, MOMENTS, st.sampled_from([EARLIEST, LATEST]))
IDS = st.uuids(version=4).map(lambda each: each.hex)
POSITIONS = st.builds(
    lambda moment, digits, backward: Position((to_microseconds(moment), digits), backward),
    st.one_of(NEAR, MOMENTS),
    IDS,
    st.booleans(),
)


def is_wanted(key: EventKey, event_filter: EventFilter, position: Position | None) -> bool:
    """As the filter and the position are defined, without windows."""
    moment, digits = key
    if event_filter.since is not None and moment < event_filter.since:
        return False
    if event_filter.until is not None and moment > event_filter.until:
        return False
    if position is None:
        return True
    place = (to_microseconds(moment), digits)
    return place > position.key if position.backward else place < position.key


def is_within(key: EventKey, window: Window) -> bool:
    return window.after < key < window.before


@given(TIMES, TIMES, st.none() | POSITIONS, st.lists(st.builds(EventKey, MOMENTS | NEAR, IDS)))
def test_what_is_wanted_is_in_one_window_and_nothing_else_is_in_any(since, until, position, keys):
    event_filter = EventFilter(since=since, until=until)
    windows = windows_from(event_filter, position)
    edges = [each for window in windows for each in (window.after[0], window.before[0])]
    keys += [EventKey(moment, "8" * 32) for moment in edges]
    keys += [
        EventKey(moment + MICROSECOND, "8" * 32)
        for moment in edges
        if moment < LATEST - MICROSECOND
    ]
    for key in keys:
        found = sum(is_within(key, window) for window in windows)
        assert found == is_wanted(key, event_filter, position)


@given(TIMES, TIMES, st.none() | POSITIONS)
def test_windows_follow_one_another_in_the_order_of_the_walk(since, until, position):
    windows = windows_from(EventFilter(since=since, until=until), position)
    backward = position is not None and position.backward
    assert windows == sorted(windows, reverse=not backward)
    assert len(windows) <= 3


def test_the_first_window_is_the_present_month_and_the_one_before():
    first, *others = windows_from(EventFilter(), None)
    assert timedelta(28) <= clock.now() - first.after.timestamp <= timedelta(62)
    assert first.before.timestamp == LATEST
    assert [window.after.timestamp.day for window in others] == [1] * len(MONTHS)


def test_a_month_that_is_asked_for_is_one_window():
    march = EventFilter(
        since=datetime(2026, 3, 1, tzinfo=UTC), until=datetime(2026, 3, 31, tzinfo=UTC)
    )
    assert len(windows_from(march, None)) == 1


def test_times_in_the_wrong_order_leave_no_window():
    day = datetime(2026, 3, 1, tzinfo=UTC)
    assert windows_from(EventFilter(since=day, until=day - MICROSECOND), None) == []
