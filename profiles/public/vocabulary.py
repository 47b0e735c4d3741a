"""The words of public rows under their near spellings, for whoever mistypes one.

Words are added with the rows that show them, and stay when these go: so nothing here may be told
before the search rows have been asked whether anybody shows the word now.
"""

from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import Connection, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base
from common.text import deletions, fold, max_edits, tokens
from profiles.public.privacy import ORIGINS, Card

LONGEST_WORD = 32


class PublicWord(Base):
    """A word that some public row has or had, as it is written."""

    __tablename__ = "public_words"

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


class PublicSpelling(Base):
    """What is left of a word when letters are left out: words that are near share one."""

    __tablename__ = "public_spellings"

    spelling: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)


# In order: two transactions that bring the same new words wait, but never in a circle.
_ADD_WORDS = text("""
    insert into public_words (word)
    select wanted.word from unnest(cast(:words as text[])) as wanted (word)
    where not exists (select from public_words known where known.word = wanted.word)
    order by wanted.word collate "C"
    on conflict do nothing returning word""")
_ADD_SPELLINGS = text("""
    insert into public_spellings (spelling, word)
    select * from unnest(cast(:spellings as text[]), cast(:words as text[]))
    on conflict do nothing""")


def words_of(card: Card) -> frozenset[str]:
    """The words of a card that somebody may mistype: of letters, and not too short to guess."""
    found: set[str] = set()
    for name, origin in ORIGINS.items():
        if origin.marks is not None and card[name]:
            shown = card[name] if isinstance(card[name], list) else card[name].split(". ")
            for text_of_it in shown:
                found |= _correctable_words(text_of_it)
    return frozenset(found)


# Sentences and names of subjects come again and again, in one save and among tutors.
@lru_cache(maxsize=2_048)
def _correctable_words(sentence: str) -> frozenset[str]:
    return frozenset(filter(is_correctable, tokens(sentence)))


def is_correctable(word: str) -> bool:
    bare = fold(word)
    return bare.isalpha() and max_edits(bare) > 0 and len(word) <= LONGEST_WORD


def add_words(connection: Connection, words: Iterable[str]) -> None:
    """Know these words from now on."""
    wanted = sorted(words)
    if not wanted:
        return
    new = list(connection.scalars(_ADD_WORDS, {"words": wanted}))
    pairs = [(spelling, word) for word in new for spelling in deletions(fold(word))]
    if pairs:
        spellings, words_again = zip(*pairs, strict=True)
        parameters = {"spellings": list(spellings), "words": list(words_again)}
        connection.execute(_ADD_SPELLINGS, parameters)
