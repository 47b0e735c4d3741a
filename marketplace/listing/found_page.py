"""One page of what a query finds; where one of several words finds nobody, of the corrected query.

What matches exactly comes before what a correction finds: the correction is looked for only where
nothing matches.
"""

from contextlib import nullcontext
from dataclasses import replace
from typing import NamedTuple

from common.http.pagination import Key, Page, Position, page_of, read_cursor
from common.http.problems.errors import BadRequest
from marketplace.cache.admission import expensive_read
from marketplace.listing.pages import read_page
from marketplace.listing.query import TutorQuery
from marketplace.listing.rows import PageRead, Row, key_of
from marketplace.listing.spelling.correction import did_you_mean
from marketplace.listing.statements.candidates import needs_positions

# A cursor of a corrected query carries its text; a longer one would not fit.
LONGEST_CORRECTION_BYTES = 300


class FoundPage(NamedTuple):
    """`query` is the one whose rows these are, `correction` the text that was, or may be, meant."""

    query: TutorQuery
    page: Page[Row]
    read: PageRead
    correction: str | None


def find_page(query: TutorQuery) -> FoundPage:
    """The page. Raises BadRequest for a cursor of another list, psycopg2.Error."""
    position, correction = _read_position(query)
    if correction is not None:
        return _find_corrected(query, correction, position)
    read = _read(query, position)
    correction = None if read.matches else did_you_mean(query, read.revision)
    if correction is not None and is_corrected_inside(query, correction):
        found = _find_corrected(query, correction, None)
        # The older revision: if both differ, a cached response stands for neither.
        return found._replace(read=found.read._replace(revision=read.revision))
    page = page_of(read.rows, key_of, query.page_size, position, query.scope, read.is_followed)
    return FoundPage(query, page, read, correction)


def is_corrected_inside(query: TutorQuery, correction: str) -> bool:
    """Whether the results of a correction stand in place of none, rather than be offered only: what
    the other words say makes it likely enough that it was meant."""
    is_of_several = len(query.words.words) + len(query.words.phrases) > 1
    return is_of_several and len(correction.encode()) <= LONGEST_CORRECTION_BYTES


def corrected(query: TutorQuery, correction: str) -> TutorQuery:
    """The same question in other words."""
    return replace(query, search=correction, cursor=None)


def _find_corrected(query: TutorQuery, correction: str, position: Position | None) -> FoundPage:
    meant = corrected(query, correction)
    read = _read(meant, position)

    def key(row: Row) -> Key:
        return (correction, *key_of(row))

    scope = _corrected_scope(query)
    page = page_of(read.rows, key, query.page_size, position, scope, read.is_followed)
    return FoundPage(meant, page, read, correction)


def _read_position(query: TutorQuery) -> tuple[Position | None, str | None]:
    """Where the page begins, and in the list of which correction, if of any.

    The cursor names the correction, so that a walk stays in one list whatever words appear
    meanwhile. Raises BadRequest.
    """
    if not query.cursor:
        return None, None
    try:
        return read_cursor(query.cursor, query.scope), None
    except BadRequest:
        position = read_cursor(query.cursor, _corrected_scope(query))
        correction, *key = position.key
        return Position(tuple(key), position.backward), correction


def _corrected_scope(query: TutorQuery) -> str:
    return f"corrected {query.scope}"


def _read(query: TutorQuery, position: Position | None) -> PageRead:
    with expensive_read() if needs_positions(query.words) else nullcontext():
        return read_page(query, position, query.page_size, one_more=True)
