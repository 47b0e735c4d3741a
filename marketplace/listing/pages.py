"""One page of what a query finds, and the count of all of it."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from common.database.session import read_rows
from common.http.conditional import ETAG_CHARACTERS
from common.http.pagination import Key, Position
from marketplace.listing.filters import source_of
from marketplace.listing.query import COUNTED_UP_TO, TutorQuery
from marketplace.listing.text_search import (
    CARD,
    Statement,
    count_statement,
    gathering_statement,
    relevance_statement,
    walking_statement,
)
from profiles.public.models import REVISION

# Where so many of the best tutors match, a page is found within a fraction of this.
FARTHEST_WALK = 3000


# A tutor's card after its hash, then the key of the place in the ordering.
Found = Sequence[Any]


class Read(NamedTuple):
    """A page as it was read: of one moment, which the revision names."""

    found: Sequence[Found]
    matches: int
    revision: int


def key_of(found: Found) -> Key:
    """A tutor's place in the ordering."""
    return tuple(found[1:])


def card_of(found: Found) -> str:
    """A tutor's card, ready JSON."""
    card: str = found[0][ETAG_CHARACTERS:]
    return card


def etag_of(found: Found) -> str:
    """The hash of a tutor's card."""
    etag: str = found[0][:ETAG_CHARACTERS]
    return etag


def read_page(query: TutorQuery, position: Position | None, limit: int) -> Read:
    """Up to `limit` cards from `position` on, nearest first, and the number of all matches.

    That number stops at one more than COUNTED_UP_TO.
    """
    if not query.words.is_empty and not query.is_by_relevance:
        return _read_found(query, position, limit)
    statement = page_statement if query.words.is_empty else relevance_statement
    rows = read_rows(*_remembered(statement, query, position, limit))
    matches, revision = rows[0][:2]
    return Read([row[2:] for row in rows if row[2] is not None], matches, revision)


@lru_cache(512)
def _remembered(
    statement: Callable[[TutorQuery, Position | None, int], Statement],
    query: TutorQuery,
    position: Position | None,
    limit: int,
) -> Statement:
    """A page's statement, whose writing costs half as much as its running; and pages repeat."""
    return statement(query, position, limit)


def _read_found(query: TutorQuery, position: Position | None, limit: int) -> Read:
    """The same for words in an ordering of the visitor's own. The revision is read first: the page
    is of that moment or a later one."""
    matches, among_best, revision = read_rows(*count_statement(query, COUNTED_UP_TO + 1))[0]
    if not matches:
        return Read([], 0, revision)
    rows: Sequence[Found] = ()
    if among_best > COUNTED_UP_TO:
        rows = read_rows(*walking_statement(query, position, limit, FARTHEST_WALK))
    if len(rows) < limit:
        rows = read_rows(*gathering_statement(query, position, limit))
    return Read([row for row in rows if row[0] is not None], matches, revision)


def page_statement(query: TutorQuery, position: Position | None, limit: int) -> Statement:
    """The statement and its values.

    The first thousand matches and one more are walked for the count, and a page within them
    comes from there. Only when there are more, so that a page may lie beyond, is the index
    entered a second time, at the cursor: filters that few tutors pass cost one walk, not two.
    """
    source = source_of(query)
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
        select n, ({REVISION}), {CARD}, {keys} from counted left join page on true
        order by {nearest}
    """
    return statement, values
