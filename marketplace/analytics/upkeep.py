"""What the queue's writer does for the counts now and then: it rolls up pages, and lets rows expire.

When a day is over, its salt goes, and with it all that its key made: who viewed and who searched;
and of the searches those that too few have asked.
"""

import time
from datetime import date, timedelta

from sqlalchemy import Engine, text

from common import clock
from marketplace.analytics.roll_up import roll_up
from marketplace.analytics.writing import FEWEST_CALLERS

ROLL_UP_SECONDS = 300.0
BATCH = 5_000
STEPS_AT_ONCE = 4

# Each deletes up to :size rows. :today began at midnight in UTC; a question is remembered for the
# visitor who looks at what was found the evening before.
EXPIRED_WITH_THE_DAY = {
    "insight_salts": "day < :today",
    "tutor_visitors": "day < :today",
    "search_callers": "day < :today",
    "search_questions": "day < cast(:today as date) - 1",
    "search_daily_counts": f"day < :today and callers < {FEWEST_CALLERS}",
}
EXPIRED_LATER = {
    "tutor_daily_counts": "day < :cut",
    "tutor_search_views": "day < :cut",
    "search_daily_counts": "day < :cut",
    "listing_daily_counts": "day < :cut",
}
# Views by a search that nobody is going to be told of.
UNKNOWN_SEARCHES = text("""
    delete from tutor_search_views where ctid in (
        select counted.ctid from tutor_search_views counted
        where day < :today and not exists (
            select from search_daily_counts known where known.search = counted.search
        ) limit :size
    )
""")


class Upkeep:
    """A task of the queue of one process."""

    def __init__(self, retention_days: int) -> None:
        self._retention_days = retention_days
        self._next_roll_up = 0.0
        self._expired_on: date | None = None

    def __call__(self, engine: Engine) -> None:
        """Do some of what is due. Raises SQLAlchemyError."""
        today = clock.now().date()
        if time.monotonic() >= self._next_roll_up:
            # Should it fail, it is not tried again with every batch.
            self._next_roll_up = time.monotonic() + ROLL_UP_SECONDS
            with engine.begin() as connection:
                if roll_up(connection):
                    self._next_roll_up = 0.0
        if self._expired_on != today and not expire(engine, today, self._retention_days):
            self._expired_on = today

    def __str__(self) -> str:
        return "insights"


def expire(engine: Engine, today: date, retention_days: int) -> bool:
    """Delete some of what has expired, in one transaction; whether there may be more.

    `retention_days`: how long daily counts are kept; 0: for ever.
    """
    values = {"today": today, "size": BATCH}
    rules = list(EXPIRED_WITH_THE_DAY.items())
    if retention_days:
        values["cut"] = today - timedelta(days=retention_days)
        rules += EXPIRED_LATER.items()
    with engine.begin() as connection:
        deleted = [
            connection.execute(
                text(
                    f"delete from {table} where ctid in"
                    f" (select ctid from {table} where {condition} limit :size)"
                ),
                values,
            ).rowcount
            for table, condition in rules
        ]
        deleted.append(connection.execute(UNKNOWN_SEARCHES, values).rowcount)
    return max(deleted) >= BATCH
