"""Writes a window of counts, in the transaction of the queue's writer.

Rows that several processes count up are taken in one order, so that they never deadlock.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection

from marketplace.analytics.keyed_hashes import caller_hash, search_hash
from marketplace.analytics.shown import Caller, Search, ShownPage, View

# Of different callers within a day, before a search's text is stored: what fewer ask may be about
# one of them.
FEWEST_CALLERS = 5

ADD_PAGES = """
    insert into insight_pages (day, tutor_ids, is_first, filters, number)
    select %(day)s, tutor_ids, is_first, filters, number
    from json_to_recordset(cast(%(pages)s as json))
        as page (tutor_ids int[], is_first bool, filters text[], number bigint)
"""

SEARCHES = """json_to_recordset(cast(%(searches)s as json)) as given (
        question text, search text, query text, caller text, is_in_vain bool, requests bigint
    )"""
# Answers whether there are searches that enough callers have asked by now and that have no text.
ADD_SEARCHES = f"""
    with given as materialized (select * from {SEARCHES}),
    questions as (
        insert into search_questions as old (question, search, day)
        select distinct on (question)
               decode(question, 'hex'), decode(search, 'hex'), cast(%(day)s as date)
        from given order by question
        on conflict (question) do update set search = excluded.search, day = excluded.day
            where old.day < excluded.day
    ),
    added as (
        insert into search_callers (day, search, caller)
        select distinct cast(%(day)s as date), decode(search, 'hex'), decode(caller, 'hex')
        from given order by 2, 3
        on conflict do nothing returning search
    ),
    callers as (select search, count(*) as number from added group by search),
    asked as (
        select decode(search, 'hex') as search, sum(requests) as requests,
               coalesce(sum(requests) filter (where is_in_vain), 0) as without_results
        from given group by search
    ),
    counted as (
        insert into search_daily_counts as old
            (day, search, requests, without_results, callers)
        select %(day)s, search, requests, without_results, coalesce(number, 0)
        from asked left join callers using (search) order by search
        on conflict (day, search) do update set
            requests = old.requests + excluded.requests,
            without_results = old.without_results + excluded.without_results,
            callers = old.callers + excluded.callers
        returning query, callers
    )
    select coalesce(bool_or(query is null and callers >= {FEWEST_CALLERS}), false) from counted
"""
ADD_TEXTS = f"""
    update search_daily_counts as counted set query = named.query
    from (select distinct on (search) decode(search, 'hex') as search, query
          from {SEARCHES} order by search) as named
    where counted.day = %(day)s and counted.search = named.search
        and counted.query is null and counted.callers >= {FEWEST_CALLERS}
"""

# Views of an account that is erased meanwhile are left out, as is whoever is not listed: nobody
# was shown such a card. The account's lock is waited for, as a foreign key would.
ADD_VIEWS = """
    with given as materialized (
        select tutor_id, kind, decode(visitor, 'hex') as visitor,
               decode(question, 'hex') as question, position
        from json_to_recordset(cast(%(views)s as json)) as given (
            tutor_id int, kind smallint, visitor text, question text, position int
        )
    ),
    present as materialized (
        select users.id from users join public_tutors on tutor_id = users.id
        where users.id in (select tutor_id from given) order by users.id for key share of users
    ),
    new as (
        insert into tutor_visitors (tutor_id, day, kind, visitor)
        select distinct tutor_id, cast(%(day)s as date), kind, visitor from given
        where tutor_id in (select id from present) order by tutor_id, kind, visitor
        on conflict do nothing returning tutor_id, kind, visitor
    ),
    viewed as (
        insert into tutor_daily_counts as old
            (tutor_id, day, views, appearances, placed, position_sum)
        select tutor_id, %(day)s, count(*), 0, 0, 0 from new where kind = 0
        group by tutor_id order by tutor_id
        on conflict (tutor_id, day) do update set views = old.views + excluded.views
    ),
    led as (
        select distinct on (tutor_id, visitor) tutor_id, visitor, question, position
        from given join new using (tutor_id, kind, visitor) where kind = 1
        order by tutor_id, visitor, question nulls last
    ),
    by_search as (
        insert into tutor_search_views as old (tutor_id, day, search, views)
        select tutor_id, %(day)s, search, count(*)
        from led join search_questions using (question)
        group by tutor_id, search order by tutor_id, search
        on conflict (tutor_id, day, search) do update set views = old.views + excluded.views
    )
    insert into listing_daily_counts as old (day, kind, value, shown, views)
    select %(day)s, 'position', cast(position as text), 0, count(*)
    from led where position is not null group by position order by cast(position as text)
    on conflict (day, kind, value) do update set views = old.views + excluded.views
"""


def write_pages(connection: Connection, day: date, pages: Mapping[ShownPage, int]) -> None:
    """Append the pages, whose tutors are counted later (roll_up.py)."""
    rows = [
        {
            "tutor_ids": page.tutor_ids.tolist(),
            "is_first": page.is_first,
            "filters": page.filters,
            "number": number,
        }
        for page, number in pages.items()
        if page.tutor_ids or page.filters
    ]
    if rows:
        connection.exec_driver_sql(ADD_PAGES, {"day": day, "pages": _json(rows)})


def write_searches(
    connection: Connection, day: date, searches: Mapping[Search, int], name: "Names"
) -> None:
    """Count searches and who asked them.

    A visitor is an address here, whatever its user agents say: one could invent as many as it takes
    to have a text stored.
    """
    rows = [
        {
            "question": name.of_search(page.query_id),
            "search": name.of_search(page.search),
            "query": page.search,
            "caller": name.of_caller(caller._replace(agent="")),
            "is_in_vain": not page.tutor_ids,
            "requests": number,
        }
        for (page, caller), number in searches.items()
    ]
    values = {"day": day, "searches": _json(rows)}
    if connection.exec_driver_sql(ADD_SEARCHES, values).scalar():
        connection.exec_driver_sql(ADD_TEXTS, values)


def write_views(connection: Connection, day: date, views: Iterable[View], name: "Names") -> None:
    """Count views, each visitor once a day; and once more for one that a list led to."""
    rows = []
    for view in views:
        row: dict[str, Any] = {
            "tutor_id": view.tutor_id,
            "kind": 0,
            "visitor": name.of_caller(view.caller),
        }
        rows.append(row)
        if view.query_id is not None or view.position is not None:
            question = view.query_id and name.of_search(view.query_id)
            rows.append(row | {"kind": 1, "question": question, "position": view.position})
    connection.exec_driver_sql(ADD_VIEWS, {"day": day, "views": _json(rows)})


class Names:
    """Stored names under a day's salt and the key of searches."""

    def __init__(self, salt: bytes, key: bytes) -> None:
        self._salt, self._key = salt, key
        self._callers: dict[Caller, str] = {}

    def of_caller(self, caller: Caller) -> str:
        name = self._callers.get(caller)
        if name is None:
            name = self._callers[caller] = caller_hash(caller, self._salt)
        return name

    def of_search(self, value: str) -> str:
        return search_hash(value, self._key)


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
