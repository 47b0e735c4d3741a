"""Reads one page of what a query finds, and the count of all of it: chooses the statements and
runs them."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from common.database.session import read_rows
from common.http.conditional import ETAG_CHARACTERS
from common.http.pagination import Key, Position
from marketplace.listing.query import COUNTED_UP_TO, TutorQuery
from marketplace.listing.statements import Statement
from marketplace.listing.statements.candidates import needs_positions
from marketplace.listing.statements.filtered_page import filtered_statement
from marketplace.listing.statements.ordered_search import (
    count_statement,
    gathering_statement,
    walking_statement,
)
from marketplace.listing.statements.phrase_page import phrase_statement
from marketplace.listing.statements.relevance_page import relevance_statement

# Where so many of the best tutors match, a page is found within a fraction of this.
FARTHEST_WALK = 3000
CACHED_STATEMENTS = 512

# A tutor's card after its hash, then the key of the place in the ordering.
Row = Sequence[Any]


class PageRead(NamedTuple):
    """A page as it was read: a consistent state, which the revision names.

    `is_cut`: a budget was spent before all rows were looked into, and there may be more matches.
    """

    rows: Sequence[Row]
    matches: int
    revision: int
    is_cut: bool = False


def key_of(row: Row) -> Key:
    """A tutor's place in the ordering."""
    return tuple(row[1:])


def tutor_id_of(row: Row) -> int:
    """Whose row it is: every ordering's key ends in the id."""
    tutor_id: int = row[-1]
    return tutor_id


def card_of(row: Row) -> str:
    """A tutor's card, ready JSON."""
    card: str = row[0][ETAG_CHARACTERS:]
    return card


def etag_of(row: Row) -> str:
    """The hash of a tutor's card."""
    etag: str = row[0][:ETAG_CHARACTERS]
    return etag


def read_page(query: TutorQuery, position: Position | None, limit: int) -> PageRead:
    """Up to `limit` rows from `position` on, nearest first, and the number of all matches.

    That number stops at one more than COUNTED_UP_TO. Raises psycopg2.Error.
    """
    if needs_positions(query.words):
        return _read_phrase_page(query, position, limit)
    if not query.words.is_empty and not query.is_by_relevance:
        return _read_ordered_search(query, position, limit)
    write = filtered_statement if query.words.is_empty else relevance_statement
    rows = read_rows(*_cached_statement(write, query, position, limit))
    matches, revision = rows[0][:2]
    return PageRead([row[2:] for row in rows if row[2] is not None], matches, revision)


@lru_cache(CACHED_STATEMENTS)
def _cached_statement(
    write: Callable[[TutorQuery, Position | None, int], Statement],
    query: TutorQuery,
    position: Position | None,
    limit: int,
) -> Statement:
    """A page's statement, whose writing costs half as much as its running; and pages repeat."""
    return write(query, position, limit)


def _read_phrase_page(query: TutorQuery, position: Position | None, limit: int) -> PageRead:
    rows = read_rows(*_cached_statement(phrase_statement, query, position, limit))
    is_cut, matches, revision = rows[0][:3]
    return PageRead([row[3:] for row in rows if row[3] is not None], matches, revision, is_cut)


def _read_ordered_search(query: TutorQuery, position: Position | None, limit: int) -> PageRead:
    """The same for words in an ordering of the visitor's own. The revision is read first: the page
    is of that state or a later one."""
    matches, among_best, revision = read_rows(*count_statement(query, COUNTED_UP_TO + 1))[0]
    if not matches:
        return PageRead([], 0, revision)
    rows: Sequence[Row] = ()
    if among_best > COUNTED_UP_TO:
        rows = read_rows(*walking_statement(query, position, limit, FARTHEST_WALK))
    if len(rows) < limit:
        rows = read_rows(*gathering_statement(query, position, limit))
    return PageRead([row for row in rows if row[0] is not None], matches, revision)
