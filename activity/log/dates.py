"""Dates and timestamps as clients write them, and what a date means where its reader lives."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from activity.log.confirmed_reading import confirming
from activity.uuid_time import MICROSECOND
from common.database.connections.prepared_statements import KEYED_PLANS
from common.database.session import read_rows

# Of either as clients write it.
LONGEST_DATE = 40
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# A space stands for the `+` of an offset that was not percent-encoded.
TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"
    r"(?:([Zz])|([+ -])([0-9]{2}):?([0-9]{2}))?"
)


_read_confirming = confirming(partial(read_rows, plans=KEYED_PLANS))


def read_timestamp(written: str) -> datetime:
    """An ISO 8601 timestamp, in UTC unless it names an offset. Raises ValueError."""
    match = TIMESTAMP.fullmatch(written)
    if match is None:
        raise ValueError("not a timestamp")
    day, clock_time, _, sign, hours, minutes = match.groups()
    timestamp = datetime.fromisoformat(f"{day}T{clock_time[:15]}").replace(tzinfo=UTC)
    if sign is None:
        return timestamp
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("not an offset")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        return timestamp + offset if sign == "-" else timestamp - offset
    except OverflowError:
        raise ValueError("beyond the calendar") from None


def read_date(written: str) -> date:
    """A calendar date, `2026-02-15`. Raises ValueError."""
    if not DATE.fullmatch(written):
        raise ValueError("not a date")
    return date.fromisoformat(written)


def time_zone_of(user_id: int) -> ZoneInfo:
    """Where the person lives.

    Read by the table's name, as the log's foreign key does: activity knows no account, and
    queries only for filters by a bare date.
    """
    rows = list(_read_confirming("select timezone from users where id = %(id)s", {"id": user_id}))
    try:
        return ZoneInfo(rows[0][0] if rows else "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there, in UTC."""
    try:
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of the day there, in UTC; days of 23 and 25 hours included."""
    try:
        return start_of_day(day + timedelta(days=1), zone) - MICROSECOND
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
