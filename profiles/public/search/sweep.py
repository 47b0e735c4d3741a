"""Repairs what public rows share: deletes terms that no row shows, and completes spellings.

Finds nothing unless an older version, or a change by SQL, left something behind. Commits batch by
batch, so that a writer who waits for a batch's locks hardly notices.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, text

from common.database.session import db
from common.text import deletions
from profiles.public.search.shared_terms import Terms, delete_unused, lock_terms, read_unused
from profiles.public.search.vocabulary import add_spellings, delete_pairs

BATCH = 200
SPELLINGS_BATCH = 2_000

_WORDS = text(f"""
    select word from public_words where word > :after order by word limit {BATCH}""")
_STORED = text("select word from public_words where word = any(:words)")
_UNUSED_SUBJECTS = text(f"""
    select code from public_subjects subject where code > :after and not exists (
        select from public_tutor_subjects where subject_id = subject.id)
    order by code limit {BATCH}""")
_SPELLINGS = text(f"""
    select spelling, word from public_spellings where (spelling, word) > (:spelling, :word)
    order by spelling, word limit {SPELLINGS_BATCH}""")


def sweep() -> Terms:
    """Repair everything, after the rows themselves; returns the terms that were deleted."""
    db.session.rollback()
    deleted = Terms()
    for words in _batches(_WORDS):
        deleted |= _repair_words(db.session.connection(), words)
        db.session.commit()
    for codes in _batches(_UNUSED_SUBJECTS):
        connection = db.session.connection()
        unused = Terms(codes=frozenset(codes))
        lock_terms(connection, Terms(), unused)
        deleted |= delete_unused(connection, unused)
        db.session.commit()
    _delete_wrong_spellings()
    return deleted


def _batches(statement: Any) -> Iterator[list[str]]:
    after = ""
    while batch := list(db.session.connection().scalars(statement, {"after": after})):
        db.session.rollback()
        yield batch
        after = batch[-1]
    db.session.rollback()


def _repair_words(connection: Connection, words: list[str]) -> Terms:
    unused = Terms(frozenset(read_unused(connection, words)))
    lock_terms(connection, Terms(frozenset(words)) - unused, unused)
    deleted = delete_unused(connection, unused)
    add_spellings(connection, _stored(connection, words))
    return deleted


def _stored(connection: Connection, words: Iterable[str]) -> set[str]:
    return set(connection.scalars(_STORED, {"words": sorted(words)}))


def _delete_wrong_spellings() -> None:
    """Spellings of no word, or that the word does not have."""
    after = {"spelling": "", "word": ""}
    while rows := db.session.connection().execute(_SPELLINGS, after).all():
        connection = db.session.connection()
        words = {word for _, word in rows}
        lock_terms(connection, Terms(frozenset(words)), Terms())
        stored = _stored(connection, words)
        delete_pairs(
            connection,
            (
                (spelling, word)
                for spelling, word in rows
                if word not in stored or spelling not in deletions(word)
            ),
        )
        db.session.commit()
        after = {"spelling": rows[-1].spelling, "word": rows[-1].word}
