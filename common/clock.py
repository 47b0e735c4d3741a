"""The only clock. Tests move it; nothing else asks the system for the date."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_override: ContextVar[datetime | None] = ContextVar("clock_override", default=None)


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _override.get() or datetime.now(UTC)


@contextmanager
def at(timestamp: datetime) -> Iterator[None]:
    """Within the block `now()` is `timestamp`: for demo data with a past."""
    token = _override.set(timestamp.astimezone(UTC))
    try:
        yield
    finally:
        _override.reset(token)


def isoformat(timestamp: datetime) -> str:
    """`2026-02-15T10:22:33.123456Z`: ISO 8601 in UTC, always with microseconds and `Z`."""
    if timestamp.tzinfo is not UTC:
        timestamp = timestamp.astimezone(UTC)
    return timestamp.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"
