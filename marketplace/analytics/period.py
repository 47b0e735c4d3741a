"""The periods that counts are told for: so many days in UTC, today's included."""

from collections.abc import Mapping
from datetime import date, timedelta

from common import clock

DEFAULT_PERIOD = "28d"
DAYS: Mapping[str, int] = {"28d": 28, "12m": 365}


def days_of(period: str) -> list[date]:
    """The days of a period, oldest first."""
    today = clock.now().date()
    number = DAYS[period]
    return [today - timedelta(days=ago) for ago in range(number - 1, -1, -1)]
