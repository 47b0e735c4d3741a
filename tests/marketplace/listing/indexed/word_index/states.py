"""Word indexes as processes have them, what they hold, and what SQL says of the same clauses."""

from collections.abc import Collection, Mapping

from flask import current_app

from common.database.session import read_rows
from marketplace.listing.indexed.word_index import WordIndex
from profiles.public.models import read_revision

Held = Mapping[str, list[int]]
# A word, one in two forms, one of a subject, a stem of a headline, an unfinished word, two written as one.
CLAUSES = (
    "'уроки'",
    "('lessons' | '^lesson')",
    "'#математика'",
    "'$~математик'",
    "'onl':*",
    "('online' & 'lessons')",
)


def new_index(most_bytes: int = 10_000_000) -> WordIndex:
    """The index of another process, which has nothing yet."""
    return WordIndex(current_app._get_current_object(), most_bytes)  # type: ignore[attr-defined]  # a proxy's


def load(index: WordIndex, clauses: Collection[str] = CLAUSES) -> None:
    """Ask as often as it takes to have the clauses loaded."""
    for _ in range(3):
        if index.read(frozenset(clauses)) is not None:
            return
        index.wait_until_loaded()
    raise AssertionError("not loaded")


def held_now(index: WordIndex, clauses: Collection[str] = CLAUSES) -> Held | None:
    """Who has each clause as of the present revision; None where SQL would have to answer."""
    revision = read_revision()
    state = index.read(frozenset(clauses), revision)
    if state is None:
        return None
    assert state.revision == revision, "nobody else writes"
    return {clause: list(state.bitmaps[clause]) for clause in clauses}


def held_by_sql(clauses: Collection[str] = CLAUSES) -> Held:
    statement = "select tutor_id from public_search where words @@ %(clause)s::tsquery"
    return {
        clause: sorted(tutor_id for (tutor_id,) in read_rows(statement, {"clause": clause}))
        for clause in clauses
    }
