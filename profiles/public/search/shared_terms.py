"""What many public rows share: the vocabulary's words and the subjects' codes.

A term is stored with the first public row that shows it and deleted with the last, in the transaction
of that change. Whether another row shows it is read from the rows themselves, so there is no count
that could be wrong or that every writer would have to wait for.

Two writers must not decide about one term at the same time: each would see the other's row as it was.
So whoever makes a row show a term holds the term's lock, shared with others who do, and whoever makes
a row stop showing it holds it exclusively; both until the end of the transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from zlib import crc32

from sqlalchemy import text

from common.database.session import Transaction, execute_by_key, write_by_key
from profiles.public.search.models import TIERS
from profiles.public.search.vocabulary import (
    add_words,
    delete_spellings,
    showing,
    stored_vocabulary,
)

# Locks are those of groups of terms, or a transaction of many would need too many.
LOCKS = 256
_LOCK_KEY = 705_211_404

_SUBJECT = "s:"
_READ = text("""
    select tutor_id, tsvector_to_array(words) from public_search where tutor_id = any(:ids)""")
# In the order given, which is the same for every transaction, so that none deadlock.
_LOCK = text(
    """
    select case when exclusive then cast(pg_advisory_xact_lock(:key, number) as text)
        else cast(pg_advisory_xact_lock_shared(:key, number) as text) end
    from unnest(cast(:numbers as int[]), cast(:exclusive as bool[])) as wanted (number, exclusive)"""
)

# As the vocabulary's statements, these find all by keys: `offset 0` keeps them from being joined.
# Codes in order: two transactions that name the same new subjects wait, but never in a circle.
NAME_SUBJECTS = text("""
    insert into public_subjects (code)
    select wanted.code from unnest(cast(:codes as text[])) as wanted (code)
    where not exists (select from public_subjects known where known.code = wanted.code offset 0)
    order by wanted.code
    on conflict (code) do nothing""")
DELETE_SUBJECTS = text("""
    delete from public_subjects subject where code = any(:codes)
        and not exists (select from public_tutor_subjects where subject_id = subject.id offset 0)
    returning code""")
# Tier by tier, as what is common is found among the few of the first. All of a tier's matches are
# counted: to find the first one only, PostgreSQL may prefer to read row by row.
SHOWN = " ".join(
    ["case"]
    + [
        f"when (select count(*) from public_search_{tier} where words @@ term.query) > 0 then true"
        for tier in TIERS
    ]
    + ["else false end"]
)
_TERMS = """
    unnest(cast(:words as text[]), cast(:queries as text[])) as sent (word, text),
    lateral (select cast(sent.text as tsquery) as query) term"""
DELETE_WORDS = text(f"""
    delete from public_words
    where word = any(array(select sent.word from {_TERMS} where not {SHOWN})) returning word""")
_READ_UNUSED = text(f"select sent.word from {_TERMS} where not {SHOWN}")


@dataclass(frozen=True)
class Terms:
    """Words of the vocabulary, and codes of subjects."""

    words: frozenset[str] = field(default_factory=frozenset)
    codes: frozenset[str] = field(default_factory=frozenset)

    def __or__(self, other: "Terms") -> "Terms":
        return Terms(self.words | other.words, self.codes | other.codes)

    def __sub__(self, other: "Terms") -> "Terms":
        return Terms(self.words - other.words, self.codes - other.codes)

    def lock_numbers(self) -> set[int]:
        names = (*self.words, *(_SUBJECT + code for code in self.codes))
        return {crc32(name.encode()) % LOCKS for name in names}


def all_of(parts: Iterable[Terms]) -> Terms:
    parts = list(parts)
    return Terms(
        frozenset().union(*(part.words for part in parts)),
        frozenset().union(*(part.codes for part in parts)),
    )


def read_terms(connection: Transaction, ids: Collection[int]) -> Terms:
    """What the stored rows of these tutors show. Callers hold the locks of their accounts."""
    if not ids:
        return Terms()
    stored = execute_by_key(connection, {"ids": sorted(ids)}, _READ)
    return all_of(terms_of(lexemes) for _, lexemes in stored)


def terms_of(lexemes: Collection[str]) -> Terms:
    """What a row shows that is found by these lexemes."""
    codes = (each.removeprefix(_SUBJECT) for each in lexemes if each.startswith(_SUBJECT))
    return Terms(stored_vocabulary(lexemes), frozenset(codes))


def lock_terms(connection: Transaction, added: Terms, removed: Terms) -> None:
    """Wait for the locks of terms, once in a transaction and before anything else that is shared."""
    exclusive = dict.fromkeys(added.lock_numbers(), False) | dict.fromkeys(
        removed.lock_numbers(), True
    )
    _lock(connection, exclusive)


def lock_all_terms(connection: Transaction) -> None:
    """The locks of all terms, shared: for a transaction that learns what it adds while it runs."""
    _lock(connection, dict.fromkeys(range(LOCKS), False))


def _lock(connection: Transaction, exclusive: Mapping[int, bool]) -> None:
    if exclusive:
        numbers = sorted(exclusive)
        parameters = {
            "key": _LOCK_KEY,
            "numbers": numbers,
            "exclusive": [exclusive[n] for n in numbers],
        }
        write_by_key(connection, parameters, _LOCK)


def add_terms(connection: Transaction, added: Terms) -> None:
    """Store terms that some row is about to show. Needs their locks."""
    if added.codes:
        write_by_key(connection, {"codes": sorted(added.codes)}, NAME_SUBJECTS)
    add_words(connection, added.words)


def delete_unused(connection: Transaction, removed: Terms) -> Terms:
    """Delete those of the terms that no row shows any more; returns them. Needs their exclusive locks."""
    words: list[str] = []
    codes: list[str] = []
    if removed.words:
        deleted = execute_by_key(connection, _parameters(removed.words), DELETE_WORDS)
        words = [word for (word,) in deleted]
        delete_spellings(connection, words)
    if removed.codes:
        values = {"codes": sorted(removed.codes)}
        codes = [code for (code,) in execute_by_key(connection, values, DELETE_SUBJECTS)]
    return Terms(frozenset(words), frozenset(codes))


def read_unused(connection: Transaction, words: Iterable[str]) -> list[str]:
    """Those of the words that no row shows now."""
    return [word for (word,) in execute_by_key(connection, _parameters(words), _READ_UNUSED)]


def _parameters(words: Iterable[str]) -> dict[str, list[str]]:
    ordered = sorted(words)
    return {"words": ordered, "queries": [showing(word) for word in ordered]}
