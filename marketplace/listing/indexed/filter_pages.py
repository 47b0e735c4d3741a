"""A page of filters and an ordering, decided by the process's bitmaps: PostgreSQL gives the cards.

The bitmaps are of some revision, and the cards' statement says which one it has met. Only where
both are the same is the page one state; otherwise a public row changed in between, and it is tried
again with bitmaps of that revision or a later one. The rows are read again only where these choose
others, or are of a later revision than the rows.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pyroaring import BitMap

from common.database.connections.prepared_statements import KEYED_PLANS
from common.http.pagination import Position
from marketplace.listing.indexed.filter_index import FilterBitmaps, filter_index
from marketplace.listing.indexed.filter_index.ordering import ORDERED_BY, page_ids
from marketplace.listing.indexed.statement import cards_statement, walking_statement
from marketplace.listing.query import ORDERINGS, TutorQuery
from marketplace.listing.rows import PageRead, Row
from profiles.public.replica_reads import expected_revision, read_public_rows, stay_at_primary

# Somebody saves in the moment between, again and again: then SQL answers, whose one statement is
# of one state by itself.
ATTEMPTS = 3
# Of so many matches, all are fetched and sorted where bitmaps do not know the ordering.
MOST_SORTED = 2_000


class Choice(NamedTuple):
    """How many match, and whom to fetch: None where the ordering's index is to be walked.

    `is_page`: the ids are those of the page, in its order. `is_followed`: there is another after them.
    """

    matches: int
    ids: list[int] | None
    is_page: bool = False
    is_followed: bool = False

    def cut_to(self, limit: int) -> "Choice":
        """The same without those beyond a page, of whom is known that there are such."""
        if not self.is_page or self.ids is None or len(self.ids) <= limit:
            return self
        return self._replace(ids=self.ids[:limit], is_followed=True)


class Read(NamedTuple):
    """The rows of those whom a choice has named, and the revision of the snapshot they are of."""

    ids: list[int] | None
    rows: Sequence[Row]
    revision: int


def read_indexed_page(
    query: TutorQuery, position: Position | None, limit: int, one_more: bool = False
) -> PageRead | None:
    """The page, its count exact; None where there are no bitmaps now. Raises psycopg2.Error.

    With `one_more` it tells whether others follow, without reading them where bitmaps know it.
    """
    wanted = limit + one_more
    read: Read | None = None
    revision = expected_revision()
    for _ in range(ATTEMPTS):
        found = filter_index().read(
            lambda bitmaps: choose_page(
                bitmaps, bitmaps.matching(query.filters), query, position, wanted
            ),
            revision,
        )
        if found is None:
            return None
        choice, revision_of_choice = found[0].cut_to(limit), found[1]
        # Most changes alter no given page: then the rows that were read are those of the new choice.
        if read is None or (read.ids, read.revision) != (choice.ids, revision_of_choice):
            read = _read(query, choice, position, wanted)
        if read.revision == revision_of_choice:
            followed = choice.is_followed
            return PageRead(read.rows, choice.matches, read.revision, is_followed=followed)
        revision = read.revision
        stay_at_primary()
    return None


def _read(query: TutorQuery, choice: Choice, position: Position | None, limit: int) -> Read:
    if choice.ids is None:
        rows = read_public_rows(*walking_statement(query, position, limit))
    else:
        rows = read_public_rows(
            *cards_statement(query, choice.ids, position, limit), plans=KEYED_PLANS
        )
    return Read(choice.ids, [row[1:] for row in rows if row[1] is not None], rows[0][0])


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
    is_ordered = sort_key in ORDERED_BY
    if matching is not None and matches < limit + (not is_ordered):
        # The statement leaves out those who are not beyond the position.
        return Choice(matches, list(matching))
    if is_ordered:
        ids = page_ids(bitmaps, matching, sort_key, position, limit, query.filters)
        return Choice(matches, ids, is_page=True)
    if matches <= _most_sorted(len(bitmaps.listed), limit):
        return Choice(matches, list(bitmaps.listed if matching is None else matching))
    return Choice(matches, None)


def _most_sorted(listed: int, limit: int) -> int:
    """Up to which number fetching by key costs less than walking to as many matches as a page has.

    A walk passes `limit * listed / matches` entries of an index, each at about a twentieth of a
    fetched row; matches may all be at its end, so that it is given a quarter of that.
    """
    return min(MOST_SORTED, int((limit * listed / 5) ** 0.5))
