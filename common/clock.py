"""The only clock. Tests move it; nothing else asks the system for the date."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_retold: ContextVar[datetime | None] = ContextVar("retold", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _retold.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within the block it is `moment`: for the demo, whose people have a past to tell."""
    token = _retold.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _retold.reset(token)


def isoformat(moment: datetime) -> str:
    """`2026-02-15T10:22:33.123456Z`: ISO 8601 in UTC, always with microseconds and `Z`."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"
