"""Timestamps as clients write them, and days where they live."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.log.dates import end_of_day, read_date, read_timestamp, start_of_day, time_zone_of
from common.clock import isoformat
from common.database.session import db

ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
MOMENTS = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    "written, meant",
    [
        ("2026-02-15T10:22:33.123456Z", datetime(2026, 2, 15, 10, 22, 33, 123456, UTC)),
        ("2026-02-15T10:22:33.5Z", datetime(2026, 2, 15, 10, 22, 33, 500000, UTC)),
        ("2026-02-15T10:22:33.123456789Z", datetime(2026, 2, 15, 10, 22, 33, 123456, UTC)),
        ("2026-02-15t10:22z", datetime(2026, 2, 15, 10, 22, tzinfo=UTC)),
        ("2026-02-15T10:22:33", datetime(2026, 2, 15, 10, 22, 33, tzinfo=UTC)),
        ("2026-02-15 10:22:33", datetime(2026, 2, 15, 10, 22, 33, tzinfo=UTC)),
        ("2026-02-15T10:22:33+02:00", datetime(2026, 2, 15, 8, 22, 33, tzinfo=UTC)),
        ("2026-02-15T10:22:33-0530", datetime(2026, 2, 15, 15, 52, 33, tzinfo=UTC)),
        ("2026-02-15T10:22:33 02:00", datetime(2026, 2, 15, 8, 22, 33, tzinfo=UTC)),
    ],
)
def test_timestamps_are_read_in_the_spellings_of_iso_8601(written, meant):
    assert read_timestamp(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "2026-02-15",
        "2026-02-30T10:00:00Z",
        "2026-02-15T25:00:00Z",
        "2026-02-15T10:22:60Z",
        "2026-02-15T10:22:33+24:00",
        "2026-02-15T10:22:33Z\n",
        "20260215T102233Z",
        "٢٠٢٦-02-15T10:22:33Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "1771150953",
    ],
)
def test_other_spellings_are_no_timestamp(written):
    with pytest.raises(ValueError):
        read_timestamp(written)


@given(MOMENTS)
def test_what_the_server_writes_it_reads(timestamp):
    assert read_timestamp(isoformat(timestamp)) == timestamp


@pytest.mark.parametrize("written", ["", "2026-2-5", "20260215", "2026-W07-7", "2026-02-30"])
def test_other_spellings_are_no_date(written):
    with pytest.raises(ValueError):
        read_date(written)


@given(st.dates(), ZONES)
def test_days_follow_each_other_without_gap_or_overlap_in_every_zone(day, zone):
    assert start_of_day(day, zone) <= end_of_day(day, zone) or day == date.max
    if day < date.max:
        following = start_of_day(day + timedelta(days=1), zone)
        assert end_of_day(day, zone) + timedelta(microseconds=1) == following


def test_a_day_on_which_the_clocks_change_is_whole():
    kyiv = ZoneInfo("Europe/Kyiv")
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert start_of_day(spring, kyiv) == datetime(2026, 3, 28, 22, tzinfo=UTC)
    assert end_of_day(spring, kyiv) - start_of_day(spring, kyiv) < timedelta(hours=23)
    assert end_of_day(autumn, kyiv) - start_of_day(autumn, kyiv) > timedelta(hours=24)


def test_nobodys_time_zone_is_utc(app):
    assert time_zone_of(0) == ZoneInfo("UTC")
    db.session.rollback()
