"""A page of filters and an ordering, decided by the process's bitmaps: PostgreSQL gives the cards.

The bitmaps are of some revision, and the cards' statement says which one it has met. Only where
both are the same is the page one state; otherwise a public row changed in between, and it is tried
again with bitmaps of that revision or a later one.
"""

from typing import NamedTuple

from pyroaring import BitMap

from common.http.pagination import Position
from marketplace.listing.filter_index import FilterBitmaps, filter_index
from marketplace.listing.filter_index.ordering import ORDERED_BY, page_ids
from marketplace.listing.query import ORDERINGS, TutorQuery
from marketplace.listing.rows import PageRead
from marketplace.listing.statements.indexed_page import cards_statement, walking_statement
from profiles.public.replica_reads import expected_revision, read_public_rows, stay_at_primary

# Somebody saves in the moment between, again and again: then SQL answers, whose one statement is
# of one state by itself.
ATTEMPTS = 3
# Of so many matches, all are fetched and sorted where bitmaps do not know the ordering.
MOST_SORTED = 2_000


class Choice(NamedTuple):
    """How many match, and whom to fetch: None where the ordering's index is to be walked."""

    matches: int
    ids: list[int] | None


def read_indexed_page(query: TutorQuery, position: Position | None, limit: int) -> PageRead | None:
    """The page, its count exact; None where there are no bitmaps now. Raises psycopg2.Error."""
    revision = expected_revision()
    for _ in range(ATTEMPTS):
        found = filter_index().read(
            lambda bitmaps: choose_page(
                bitmaps, bitmaps.matching(query.filters), query, position, limit
            ),
            revision,
        )
        if found is None:
            return None
        choice, revision_of_choice = found
        if choice.ids is None:
            statement = walking_statement(query, position, limit)
        else:
            statement = cards_statement(query, choice.ids, position, limit)
        rows = read_public_rows(*statement)
        revision = rows[0][0]
        if revision == revision_of_choice:
            page = [row[1:] for row in rows if row[1] is not None]
            return PageRead(page, choice.matches, revision)
        stay_at_primary()
    return None


def choose_page(
    bitmaps: FilterBitmaps,
    matching: BitMap | None,
    query: TutorQuery,
    position: Position | None,
    limit: int,
) -> Choice:
    """The page of those who match, None: everybody, in the query's ordering by a value."""
    matches = len(bitmaps.listed if matching is None else matching)
    sort_key = ORDERINGS[query.order]
    if matching is not None and matches <= limit:
        # The statement leaves out those who are not beyond the position.
        return Choice(matches, list(matching))
    if sort_key in ORDERED_BY:
        ids = page_ids(bitmaps, matching, sort_key, position, limit, query.filters)
        return Choice(matches, ids)
    if matches <= _most_sorted(len(bitmaps.listed), limit):
        return Choice(matches, list(bitmaps.listed if matching is None else matching))
    return Choice(matches, None)


def _most_sorted(listed: int, limit: int) -> int:
    """Up to which number fetching by key costs less than walking to as many matches as a page has.

    A walk passes `limit * listed / matches` entries of an index, each at about a twentieth of a
    fetched row; matches may all be at its end, so that it is given a quarter of that.
    """
    return min(MOST_SORTED, int((limit * listed / 5) ** 0.5))
