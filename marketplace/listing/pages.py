"""Reads one page of what a query finds, and the count of all of it: chooses the statements and
runs them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from common.database.connections.prepared_statements import READ_PLANS, SEARCH_PLANS
from common.http.pagination import Position
from marketplace.listing.indexed.filter_index import FilterBitmaps, filter_index
from marketplace.listing.indexed.filter_pages import ATTEMPTS, read_indexed_page
from marketplace.listing.indexed.search_pages import read_indexed_search
from marketplace.listing.query import COUNTED_UP_TO, Filters, TutorQuery
from marketplace.listing.rows import PageRead, Row, counted_page
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
from profiles.public.models import read_revision
from profiles.public.replica_reads import expected_revision, read_public_rows, stay_at_primary

# Where so many of the best tutors match, a page is found within a fraction of this.
FARTHEST_WALK = 3000
CACHED_STATEMENTS = 512
# Reading the words of a tutor who is named touches some 16 pages, whatever the words; the index of
# words is read in proportion to who has them. One named for so many listed ones costs less than that.
LISTED_PER_NAMED = 500
FEWEST_NAMED, MOST_NAMED = 50, 2_000


def read_page(
    query: TutorQuery, position: Position | None, limit: int, one_more: bool = False
) -> PageRead:
    """Up to `limit` rows from `position` on, nearest first, and the number of all matches.

    With words, or without bitmaps, that number stops at COUNTED_UP_TO. With `one_more` the page tells
    whether others follow, by one row more or by `is_followed`. Raises psycopg2.Error.
    """
    if query.words.is_empty:
        indexed = read_indexed_page(query, position, limit, one_more)
        filter_index().count(indexed is not None)
        if indexed is not None:
            return indexed
        return _read_search(query, position, limit + one_more)
    limit += one_more
    found = read_indexed_search(query, position, limit)
    if found is None and query.filters.given:
        found = _read_narrow_search(query, position, limit)
    return found or _read_search(query, position, limit)


def _read_narrow_search(
    query: TutorQuery, position: Position | None, limit: int
) -> PageRead | None:
    """The page of a search among the few who pass its filters; None where they are many or unknown.

    Bitmaps say who they are, and the page's statement whether they still were. If not, somebody
    saved in between, and it is tried again.
    """
    revision = expected_revision()
    for _ in range(ATTEMPTS):
        found = filter_index().read(lambda bitmaps: _few(bitmaps, query.filters), revision)
        if found is None or found[0] is None:
            return None
        ids, revision_of_ids = found
        if ids:
            filters = replace(query.filters, tutor_ids=ids)
            page = _read_search(replace(query, filters=filters), position, limit)
        else:
            page = PageRead([], 0, read_revision())
        if page.revision == revision_of_ids:
            return page
        stay_at_primary()
        revision = page.revision
    return None


def _few(bitmaps: FilterBitmaps, filters: Filters) -> tuple[int, ...] | None:
    matching = bitmaps.matching(filters)
    most = min(MOST_NAMED, max(FEWEST_NAMED, len(bitmaps.listed) // LISTED_PER_NAMED))
    return None if matching is None or len(matching) > most else tuple(matching)


def _read_search(query: TutorQuery, position: Position | None, limit: int) -> PageRead:
    # Who is named is looked into once, and not once more for each class of the relevance.
    if needs_positions(query.words) or query.filters.tutor_ids is not None:
        return _read_phrase_page(query, position, limit)
    if not query.words.is_empty and not query.is_by_relevance:
        return _read_ordered_search(query, position, limit)
    write, plans = relevance_statement, SEARCH_PLANS
    if query.words.is_empty:
        write, plans = filtered_statement, READ_PLANS
    rows = read_public_rows(*_cached_statement(write, query, position, limit), plans)
    matches, revision = rows[0][:2]
    return counted_page([row[2:] for row in rows if row[2] is not None], matches, revision)


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
    if query.filters.tutor_ids is None:
        statement = _cached_statement(phrase_statement, query, position, limit)
    else:
        # Thousands of ids are no key of a cache.
        statement = phrase_statement(query, position, limit)
    rows = read_public_rows(*statement, SEARCH_PLANS)
    is_cut, matches, revision = rows[0][:3]
    return counted_page([row[3:] for row in rows if row[3] is not None], matches, revision, is_cut)


def _read_ordered_search(query: TutorQuery, position: Position | None, limit: int) -> PageRead:
    """The same for words in an ordering of the visitor's own. The revision is read first: the page
    is of that state or a later one."""
    counting = count_statement(query, COUNTED_UP_TO + 1)
    matches, among_best, revision = read_public_rows(*counting, SEARCH_PLANS)[0]
    if not matches:
        return PageRead([], 0, revision)
    rows: Sequence[Row] = ()
    if among_best > COUNTED_UP_TO:
        walking = walking_statement(query, position, limit, FARTHEST_WALK)
        rows = read_public_rows(*walking, SEARCH_PLANS)
    if len(rows) < limit:
        rows = read_public_rows(*gathering_statement(query, position, limit), SEARCH_PLANS)
    return counted_page([row for row in rows if row[0] is not None], matches, revision)
