"""The only clock. Tests move it; nothing else asks the system for the date."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def isoformat(moment: datetime) -> str:
    """`2026-02-15T10:22:33.123456Z`: ISO 8601 in UTC, always with microseconds and `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
