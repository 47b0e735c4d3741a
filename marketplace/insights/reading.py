"""Reads a tutor's own counts. Every statement names the tutor, so that no one reads another's."""

from datetime import date
from typing import Any, NamedTuple

from common.database.session import read_rows
from marketplace.analytics.floor import at_least_floor
from marketplace.analytics.period import days_of

MOST_QUERIES = 100

# Pages that nobody has rolled up yet count as they are.
READ_COUNTS = """
    select day, sum(views)::bigint, sum(appearances)::bigint, sum(placed)::bigint,
           sum(position_sum)::bigint
    from (
        select day, views, appearances, placed, position_sum from tutor_daily_counts
        where tutor_id = %(tutor_id)s and day >= %(since)s
        union all
        select day, 0, number, case when is_first then number else 0 end,
               case when is_first then number * position else 0 end
        from insight_pages
            cross join lateral unnest(tutor_ids) with ordinality as shown (tutor_id, position)
        where shown.tutor_id = %(tutor_id)s and day >= %(since)s
    ) as counted (day, views, appearances, placed, position_sum)
    group by day
"""
# Of those who still have the tutor saved: who removes it, or erases the account, is in no count.
READ_SAVES = """
    select cast(saved_at at time zone 'UTC' as date) as day, count(*)
    from saved_tutors where tutor_id = %(tutor_id)s and user_id <> %(tutor_id)s
        and saved_at >= cast(%(since)s as timestamp) at time zone 'UTC'
    group by day
"""
# A query has its text only where enough callers have asked it on one day.
READ_QUERIES = """
    select known.query, sum(views)::bigint as number
    from tutor_search_views counted cross join lateral (
        select query from search_daily_counts
        where search = counted.search and day >= %(since)s and query is not null limit 1
    ) as known
    where tutor_id = %(tutor_id)s and day >= %(since)s
    group by known.query order by number desc, known.query limit %(limit)s
"""


class DayCounts(NamedTuple):
    """Of one day. `position_sum` is that of the `placed` appearances, which were on first pages."""

    views: int = 0
    appearances: int = 0
    placed: int = 0
    position_sum: int = 0


def insights_of(tutor_id: int, period: str) -> dict[str, Any]:
    """The tutor's insights: a dict as `InsightsSchema` describes it. Raises psycopg2.Error."""
    days = days_of(period)
    values = {"tutor_id": tutor_id, "since": days[0], "limit": MOST_QUERIES}
    counts = {day: DayCounts._make(rest) for day, *rest in read_rows(READ_COUNTS, values)}
    saves = {day: number for day, number in read_rows(READ_SAVES, values)}
    return {
        "days": [_day(day, counts.get(day, DayCounts()), saves.get(day, 0)) for day in days],
        "queries": [
            {"query": query, "views": at_least_floor(views)}
            for query, views in read_rows(READ_QUERIES, values)
        ],
    }


def _day(day: date, counts: DayCounts, saves: int) -> dict[str, Any]:
    has_average = at_least_floor(counts.placed) is not None
    return {
        "date": day.isoformat(),
        "views": at_least_floor(counts.views),
        "appearances": at_least_floor(counts.appearances),
        "average_position": (
            round(counts.position_sum / counts.placed, 1) if has_average else None
        ),
        "saves": at_least_floor(saves),
    }
