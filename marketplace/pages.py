"""One page of what a query finds, and the count of all of it."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from common.db import read_rows
from common.pagination import Key, Position
from marketplace.query import TutorQuery
from marketplace.search import Source, source_of
from marketplace.text_search import (
    count_statement,
    gathering_statement,
    relevance_statement,
    walking_statement,
)
from profiles.public import REVISION

COUNTED_UP_TO = 1000
# Where so many of the best tutors match, a page is found within a fraction of this.
FARTHEST_WALK = 3000


@dataclass(frozen=True)
class Found:
    """A tutor's card and its place in the ordering."""

    key: Key
    card: str


class Read(NamedTuple):
    """A page as it was read: of one moment, which the revision names."""

    found: list[Found]
    matches: int
    revision: int


def read_page(query: TutorQuery, position: Position | None, limit: int) -> Read:
    """Up to `limit` cards from `position` on, nearest first, and the number of all matches.

    That number stops at one more than COUNTED_UP_TO.
    """
    if not query.words.is_empty:
        return _read_found(query, position, limit)
    statement, values = page_statement(source_of(query), position, limit)
    rows = read_rows(statement, values)
    found = [Found(tuple(key), card) for _, _, card, *key in rows if card is not None]
    matches, revision = rows[0][:2]
    return Read(found, matches, revision)


def _read_found(query: TutorQuery, position: Position | None, limit: int) -> Read:
    """The same for words. The revision is read first: the page is of that moment or a later one."""
    matches, among_best, revision = read_rows(*count_statement(query, COUNTED_UP_TO + 1))[0]
    if not matches:
        return Read([], 0, revision)
    if query.is_by_relevance:
        rows = read_rows(*relevance_statement(query, position, limit))
    else:
        rows = []
        if among_best > COUNTED_UP_TO:
            rows = read_rows(*walking_statement(query, position, limit, FARTHEST_WALK))
        if len(rows) < limit:
            rows = read_rows(*gathering_statement(query, position, limit))
    return Read(
        [Found(tuple(key), card) for card, *key in rows if card is not None], matches, revision
    )


def page_statement(
    source: Source, position: Position | None, limit: int
) -> tuple[str, dict[str, Any]]:
    """The statement and its values.

    The first thousand matches and one more are walked for the count, and a page within them
    comes from there. Only when there are more, so that a page may lie beyond, is the index
    entered a second time, at the cursor: filters that few tutors pass cost one walk, not two.
    """
    values = {**source.values, "cap": COUNTED_UP_TO + 1, "limit": limit}
    keys = nearest = ", ".join(source.keys)
    page = f"select * from matches order by {keys} limit %(limit)s"
    if position is not None:
        place = {f"at_{number}": value for number, value in enumerate(position.key)}
        values |= place
        side = "<" if position.backward else ">"
        beyond = f"({keys}) {side} ({', '.join(f'%({name})s' for name in place)})"
        if position.backward:
            nearest = ", ".join(f"{key} desc" for key in source.keys)
        page = f"""
            (select * from matches where {beyond} and (select n from counted) < %(cap)s
             order by {nearest} limit %(limit)s)
            union all
            {source.walk(nearest, "%(limit)s", f"{beyond} and (select n from counted) = %(cap)s")}
        """
    statement = f"""
        with matches as materialized {source.walk(keys, "%(cap)s")},
        counted as materialized (select count(*)::int as n from matches),
        page as materialized ({page})
        select n, ({REVISION}),
            (select card from public_tutors tutor where tutor.tutor_id = page.tutor_id), {keys}
        from counted left join page on true
        order by {nearest}
    """
    return statement, values
