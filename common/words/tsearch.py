"""Words as PostgreSQL's text search takes them: literals to bind as a parameter and cast."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from common.words.forms import document_terms, joined_word, query_terms
from common.words.query import Phrase, Query, Word
from common.words.synonyms import synonyms

# PostgreSQL's own limits. A vector holds a megabyte; some room is left for its padding.
MAX_POSITION = 16_383
MAX_LEXEME_BYTES = 2_046
MAX_BYTES = 900_000
# In characters; longer ones hardly come twice.
LONGEST_REMEMBERED = 300


def quote(lexeme: str) -> str:
    """A lexeme inside a tsvector or tsquery literal."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


@lru_cache(maxsize=1_024)
def to_tsquery_text(query: Query) -> str | None:
    """The query for `%s::tsquery`; None when there is nothing to search for."""
    clauses = [
        *(_word(word) for word in query.words),
        *(_phrase(phrase) for phrase in query.phrases),
        *(f"!({_excluded(exclusion)})" for exclusion in query.exclusions),
    ]
    return " & ".join(clauses) or None


def _word(word: Word) -> str:
    """Every part in any form and anywhere, or all of them written as one word, or what was meant instead."""
    *first, last = word.parts
    readings = [_all([*map(_meaning, first), _meaning(last, word.is_prefix)])]
    for reading in (joined_word(word.parts), word.instead):
        if reading:
            readings.append(_meaning(reading, word.is_prefix))
    return _any_of(readings)


@lru_cache(maxsize=4_096)
def _meaning(word: str, is_prefix: bool = False) -> str:
    """One word in any form, or what means the same."""
    return _any_of([_any(query_terms(word), is_prefix), *map(_in_a_row, synonyms(word))])


def _in_a_row(words: Iterable[Iterable[str]]) -> str:
    return " <-> ".join(map(_any, words))


def _phrase(phrase: Phrase) -> str:
    """Words next to one another, as they are written: quoting is how one asks for no other form."""
    *first, last = (quote(query_terms(word)[0]) for word in phrase.words)
    return "(" + " <-> ".join([*first, last + (":*" if phrase.is_prefix else "")]) + ")"


def _excluded(exclusion: Word | Phrase) -> str:
    if isinstance(exclusion, Phrase):
        return _phrase(exclusion)
    clause = "(" + " <-> ".join(_any(query_terms(part)) for part in exclusion.parts) + ")"
    if joined := joined_word(exclusion.parts):
        return _any_of([clause, _any(query_terms(joined))])
    return clause


def _any(lexemes: Iterable[str], is_prefix: bool = False) -> str:
    """Any of the lexemes of one word; the first is the word itself, which alone can be unfinished."""
    first, *others = map(quote, lexemes)
    return _any_of([first + (":*" if is_prefix else ""), *others])


def _any_of(clauses: list[str]) -> str:
    return clauses[0] if len(clauses) == 1 else "(" + " | ".join(clauses) + ")"


def _all(clauses: list[str]) -> str:
    return clauses[0] if len(clauses) == 1 else "(" + " & ".join(clauses) + ")"


def filter_lexeme(name: str, value: str | int) -> str:
    """A filter's lexeme, `language:uk`: the colon keeps it apart from every word and stem."""
    return f"{name}:{value}"


class _Sentence(NamedTuple):
    """A piece of a literal that lacks only the positions: `offsets` has one per occurrence."""

    literal: str
    offsets: tuple[int, ...]
    length: int
    size: int


def _sentence(positions: Iterable[tuple[str, ...]], weight: str) -> _Sentence:
    terms = list(positions)
    return _Sentence(
        "".join(
            f" {quote(lexeme).replace('%', '%%')}:%d{weight}" for each in terms for lexeme in each
        ),
        tuple(offset for offset, each in enumerate(terms, 1) for _ in each),
        len(terms),
        sum(_size(each) for each in terms),
    )


def _size(lexemes: Iterable[str]) -> int:
    """The bytes that these may take, with their positions and padding."""
    return sum(len(lexeme.encode()) + 6 for lexeme in lexemes)


@lru_cache(maxsize=4_096)
def _remembered(sentence: str, weight: str) -> _Sentence:
    return _sentence(document_terms(sentence), weight)


class TsvectorBuilder:
    """A document out of several texts of different weight, and lexemes that have no place in it.

    What comes several times is written several times: PostgreSQL joins it when it reads.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._bytes = 0
        self._position = 0

    def add(self, text: str, weight: str = "D") -> "TsvectorBuilder":
        """Append a text; a gap before it keeps a phrase from running over from the last one."""
        self._position += 1
        # No word stretches over a full stop and a space, and names of subjects and sentences such
        # as "The first lesson is free" come again and again: each is analysed once.
        for sentence in text.split(". "):
            if len(sentence) <= LONGEST_REMEMBERED:
                self._append(_remembered(sentence, weight))
            else:
                self._append(_sentence(self._fitting(document_terms(sentence)), weight))
        return self

    def _append(self, sentence: _Sentence) -> None:
        start = self._position
        if start + sentence.length > MAX_POSITION or self._bytes + sentence.size > MAX_BYTES:
            return
        self._pieces.append(sentence.literal % tuple(start + each for each in sentence.offsets))
        self._position += sentence.length
        self._bytes += sentence.size

    def _fitting(self, positions: Iterable[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
        """The first of the positions, as many as there is room for."""
        places, room = MAX_POSITION - self._position, MAX_BYTES - self._bytes
        for terms in islice(positions, max(0, places)):
            room -= _size(terms)
            if room < 0:
                return
            yield terms

    def add_lexeme(self, lexeme: str) -> "TsvectorBuilder":
        """A lexeme to filter by, which ranks nothing."""
        size = _size([lexeme])
        if size <= MAX_LEXEME_BYTES and self._bytes + size <= MAX_BYTES:
            self._pieces.append(f" {quote(lexeme)}")
            self._bytes += size
        return self

    def text(self) -> str:
        """The literal for `%s::tsvector`."""
        return "".join(self._pieces)
