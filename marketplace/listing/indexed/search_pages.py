"""A page of a search, decided by the process's bitmaps of words and of filters: PostgreSQL gives the
cards.

Both are of one revision, and so are the cards; otherwise a public row changed in between, and it is
tried again.
"""

from collections.abc import Sequence
from typing import NamedTuple

from common.database.connections.prepared_statements import KEYED_PLANS, READ_PLANS
from common.http.pagination import Position
from common.operations.metrics.registry import Counter
from common.text import Word, required_clause
from marketplace.listing.indexed.filter_index import FilterBitmaps, filter_index
from marketplace.listing.indexed.filter_pages import ATTEMPTS, choose_page
from marketplace.listing.indexed.relevance import RelevantPlaces
from marketplace.listing.indexed.statement import cards_statement, scored_cards_statement
from marketplace.listing.indexed.word_index import word_index
from marketplace.listing.query import BEST, RELEVANCE, TutorQuery
from marketplace.listing.rows import PageRead, Row, counted_page, key_of
from marketplace.listing.statements import Statement
from marketplace.listing.statements.candidates import needs_positions
from marketplace.listing.statements.words import all_clauses
from profiles.public.replica_reads import expected_revision, read_public_rows, stay_at_primary

# Among fewer, PostgreSQL's index of words is read as fast.
FEWEST_LISTED = 5_000

READS = Counter("search_reads", "Searches by what answered them", ["source"])
BITMAPS, SQL = (READS.labels(source) for source in ("bitmaps", "sql"))


class Chosen(NamedTuple):
    """How many are found, how a page of them is read (None: by walking the ordering's index), and,
    where its order is one of relevance, the classes by id and whether the page is read backward."""

    matches: int
    statement: Statement | None
    classes: dict[int, int] | None = None
    is_backward: bool = False

    @property
    def plans(self) -> str:
        """By keys alone, a page of relevance is planned once; others walk where there are many."""
        return READ_PLANS if self.classes is None else KEYED_PLANS

    def rows(self, read: Sequence[Row]) -> list[Row]:
        """The page of what the statement reads: cards, each after the revision and before its keys."""
        if self.classes is None:
            return [row[1:] for row in read if row[1] is not None]
        rows = [
            (card, self.classes[tutor_id], by_score, tutor_id)
            for _, card, by_score, tutor_id in read
            if card is not None
        ]
        return sorted(rows, key=key_of, reverse=self.is_backward)


class Read(NamedTuple):
    """The rows of a choice's statement, and the revision of the snapshot they are of."""

    statement: Statement
    rows: Sequence[Row]
    revision: int


def read_indexed_search(
    query: TutorQuery, position: Position | None, limit: int
) -> PageRead | None:
    """The page, counted as by SQL; None where SQL has to answer. Raises psycopg2.Error."""
    page = _read(query, position, limit)
    (SQL if page is None else BITMAPS).inc()
    return page


def _read(query: TutorQuery, position: Position | None, limit: int) -> PageRead | None:
    if needs_positions(query.words):
        return None
    clauses, revision = all_clauses(query.words), expected_revision()
    read: Read | None = None
    for _ in range(ATTEMPTS):
        words = word_index().read(clauses, revision, _are_many)
        if words is None:
            return None
        found = filter_index().read(
            lambda bitmaps: _choose(
                RelevantPlaces(bitmaps, words, query), bitmaps, query, position, limit
            ),
            words.revision,
        )
        if found is None:
            return None
        chosen, revision = found
        if revision != words.revision:
            continue
        if chosen.statement is None:
            return None
        # Most changes alter no given page: then the rows that were read are those of the new choice.
        if read is None or (read.statement, read.revision) != (chosen.statement, revision):
            rows = read_public_rows(*chosen.statement, chosen.plans)
            read = Read(chosen.statement, rows, rows[0][0])
        if read.revision == revision:
            return counted_page(chosen.rows(read.rows), chosen.matches, revision)
        revision = read.revision
        stay_at_primary()
    return None


def find_words(words: Sequence[Word], revision: int) -> list[bool] | None:
    """Whether anybody has each of the words, as of `revision` or later; None where SQL has to say.

    Raises psycopg2.Error.
    """
    clauses = [required_clause(word) for word in words]
    state = word_index().read(frozenset(clauses), revision, _are_many)
    return None if state is None else [bool(state.bitmaps[clause]) for clause in clauses]


def _are_many() -> bool:
    found = filter_index().read(lambda bitmaps: len(bitmaps.listed))
    return found is not None and found[0] >= FEWEST_LISTED


def _choose(
    places: RelevantPlaces,
    bitmaps: FilterBitmaps,
    query: TutorQuery,
    position: Position | None,
    limit: int,
) -> Chosen:
    found = places.found
    if query.order in (RELEVANCE, BEST):
        classes = places.page(position, limit) if found else {}
        is_backward = position is not None and position.backward
        return Chosen(len(found), scored_cards_statement([*classes]), classes, is_backward)
    choice = choose_page(bitmaps, found, query, position, limit)
    if choice.ids is None:
        return Chosen(choice.matches, None)
    return Chosen(choice.matches, cards_statement(query, choice.ids, position, limit))
