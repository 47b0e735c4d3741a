"""The vocabulary for spelling corrections: the words that listed tutors show, under their near spellings.

It is a function of the search rows as they are: `shared_terms` adds a word with the first row that
shows it and deletes it with the last, so nothing of what was public once can be found out here.
A word is a folded one: łódź and lodz are one word.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from sqlalchemy import Text, text
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base, Transaction, execute_by_key, write_by_key
from common.text import deletions, filter_lexeme, max_edits, quote

# So many words of one profile at most; each has at most 29 spellings.
MAX_WORDS = 250
# Longer words are neither stored nor corrected.
MAX_LETTERS = 24


class PublicWord(Base):
    """A word that some public row shows, folded."""

    __tablename__ = "public_words"

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


class PublicSpelling(Base):
    """What is left of a word when letters are left out: words that are near share one."""

    __tablename__ = "public_spellings"

    spelling: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


# All is found by keys, whatever the plan is made of: it is made once, and a table that was analyzed while
# it was empty would be read whole for each word, as a join is free to. What has `offset 0` is not joined.
# In order: two transactions that bring the same new words wait, but never in a circle.
ADD_WORDS = text("""
    insert into public_words (word)
    select added.word from unnest(cast(:words as text[])) as added (word)
    where not exists (select from public_words stored where stored.word = added.word offset 0)
    order by added.word collate "C"
    on conflict do nothing returning word""")
_ADD_SPELLINGS = text("""
    insert into public_spellings (spelling, word)
    select * from unnest(cast(:spellings as text[]), cast(:words as text[]))
    on conflict do nothing""")
DELETE_SPELLINGS = text("""
    delete from public_spellings where ctid = any(array(
        select found.ctid
        from unnest(cast(:spellings as text[]), cast(:words as text[])) as deleted (spelling, word),
            lateral (select stored.ctid from public_spellings stored
                where stored.spelling = deleted.spelling and stored.word = deleted.word
                offset 0) found))""")

# A document with more words than MAX_WORDS has this lexeme, and one for each word that counts.
_TRUNCATED = "v:"


@lru_cache(maxsize=16_384)
def is_correctable(word: str) -> bool:
    """Whether a folded word may be corrected, or offered as a correction: letters only, 4 to 24."""
    return word.isalpha() and len(word) <= MAX_LETTERS and max_edits(word) > 0


@lru_cache(maxsize=4_096)
def _correctable(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(filter(is_correctable, words))


def vocabulary_of(
    groups: Sequence[tuple[str, ...]],
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words that a document adds to the vocabulary, and the lexemes that say so in the document.

    `groups` are the document's words by sentence, the more important ones first; a sentence that
    many documents say is judged once. Nearly every document adds all words and needs no lexemes.
    """
    together = frozenset().union(*map(_correctable, groups))
    if len(together) <= MAX_WORDS:
        return together, ()
    candidates = dict.fromkeys(filter(is_correctable, chain.from_iterable(groups)))
    counted = frozenset(islice(candidates, MAX_WORDS))
    return counted, (
        _TRUNCATED,
        *(filter_lexeme("v", word) for word in sorted(counted)),
    )


def stored_vocabulary(lexemes: Collection[str]) -> frozenset[str]:
    """The words that a stored document, given as all its lexemes, added to the vocabulary."""
    if _TRUNCATED in lexemes:
        prefix = len(_TRUNCATED)
        return frozenset(
            each[prefix:] for each in lexemes if each.startswith(_TRUNCATED) and each != _TRUNCATED
        )
    return frozenset(filter(is_correctable, lexemes))


def showing(word: str) -> str:
    """The tsquery of the documents that added a word to the vocabulary."""
    return f"({quote(word)} & !{quote(_TRUNCATED)}) | {quote(filter_lexeme('v', word))}"


def add_words(connection: Transaction, words: Iterable[str]) -> None:
    """Store words, with their spellings, that are not stored yet. Needs their locks (`shared_terms`)."""
    wanted = sorted(words)
    if wanted:
        added = execute_by_key(connection, {"words": wanted}, ADD_WORDS)
        add_spellings(connection, (word for (word,) in added))


def add_spellings(connection: Transaction, words: Iterable[str]) -> None:
    _execute(connection, _ADD_SPELLINGS, _pairs(words))


def delete_spellings(connection: Transaction, words: Iterable[str]) -> None:
    delete_pairs(connection, _pairs(words))


def delete_pairs(connection: Transaction, pairs: Iterable[tuple[str, str]]) -> None:
    """Delete spellings, each given with its word."""
    _execute(connection, DELETE_SPELLINGS, pairs)


def _execute(connection: Transaction, statement: Any, pairs: Iterable[tuple[str, str]]) -> None:
    ordered = sorted(pairs)
    if ordered:
        spellings, words = zip(*ordered, strict=True)
        values = {"spellings": list(spellings), "words": list(words)}
        write_by_key(connection, values, statement)


def _pairs(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        for spelling in deletions(word):
            yield spelling, word
