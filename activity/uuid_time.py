"""Timestamps of events, strictly rising within a process, and the UUIDv7 made of each."""

import os
import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

from common import clock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# A clock that falls back further than this was set, not slewed, and is accepted.
SLACK = timedelta(seconds=1)


class _MonotonicClock:
    """Gives out timestamps in strictly rising order, so that no two events of a process tie."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = EPOCH
        os.register_at_fork(after_in_child=self._renew_lock)

    def next(self) -> datetime:
        with self._lock:
            timestamp = clock.now()
            if timestamp <= self._last <= timestamp + SLACK:
                timestamp = self._last + MICROSECOND
            self._last = timestamp
            return timestamp

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()


next_timestamp = _MonotonicClock().next


def event_id(timestamp: datetime) -> UUID:
    """A UUIDv7 of `timestamp`, its 12 bits after the milliseconds holding their fraction.

    So ids sort as their timestamps do (RFC 9562 §6.2, method 3), and an event's partition can be
    found from its id alone (`timestamp_range`). The rest is random, as of a UUIDv4.
    """
    milliseconds, rest = divmod(to_microseconds(timestamp), 1000)
    fraction = rest * 4096 // 1000
    drawn = int.from_bytes(os.urandom(8)) & ~(0b11 << 62)
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 0b10 << 62 | drawn)


def to_microseconds(timestamp: datetime) -> int:
    """Whole microseconds since 1970."""
    since = timestamp - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def timestamp_range(event: UUID) -> tuple[datetime, datetime]:
    """The millisecond in which the event of this id happened: from, and up to but without."""
    milliseconds = min(event.int >> 80, 253_402_300_799_000)
    start = EPOCH + timedelta(milliseconds=milliseconds)
    return start, start + timedelta(milliseconds=1)


def lowest_id(timestamp: datetime) -> UUID:
    """No event of that millisecond or a later one has a lower id."""
    return UUID(int=to_microseconds(timestamp) // 1000 << 80)
