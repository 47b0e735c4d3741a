"""Reads the counts of searches and lists, all tutors together."""

from typing import Any

from common.database.session import db, read_rows
from marketplace.analytics.floor import FLOOR, at_least_floor
from marketplace.analytics.period import days_of
from marketplace.analytics.roll_up import roll_up_all

MOST_QUERIES = 50
MOST_POSITIONS = 100

# A query has its text only where enough callers have asked it on one day.
READ_QUERIES = """
    select max(query), sum(requests)::bigint, sum(without_results)::bigint
    from search_daily_counts where day >= %(since)s
    group by search having max(query) is not null
"""
READ_LISTINGS = """
    select value, sum(shown)::bigint, sum(views)::bigint from listing_daily_counts
    where day >= %(since)s and kind = %(kind)s
    group by value having sum(shown) >= %(floor)s
"""


def search_report(period: str) -> dict[str, Any]:
    """The report: a dict as `SearchReportSchema` describes it.

    Counts the tutors of pages first that nobody has counted yet. Raises SQLAlchemyError or
    psycopg2.Error.
    """
    roll_up_all(db.engine)
    since = days_of(period)[0]
    searches = read_rows(READ_QUERIES, {"since": since})
    return {
        "period": period,
        "queries": _ranked([(query, requests) for query, requests, _ in searches]),
        "without_results": _ranked([(query, in_vain) for query, _, in_vain in searches]),
        "filters": [
            {"filter": name, "searches": number}
            for name, number, _ in sorted(_listings("filter", since), key=_by_number)
        ],
        "positions": [
            {
                "position": int(value),
                "appearances": shown,
                "views": at_least_floor(views),
                "click_through": round(views / shown, 4) if FLOOR <= views <= shown else None,
            }
            for value, shown, views in sorted(
                _listings("position", since), key=lambda row: int(row[0])
            )
            if int(value) <= MOST_POSITIONS
        ],
    }


def _listings(kind: str, since: Any) -> list[tuple[Any, ...]]:
    return read_rows(READ_LISTINGS, {"since": since, "kind": kind, "floor": FLOOR})


def _ranked(counted: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The most frequent, by number and then by name; without those below the floor."""
    frequent = sorted((row for row in counted if row[1] >= FLOOR), key=_by_number)
    return [{"query": query, "searches": number} for query, number in frequent[:MOST_QUERIES]]


def _by_number(row: tuple[Any, ...]) -> tuple[int, str]:
    return -row[1], row[0]
