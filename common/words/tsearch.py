"""Words as PostgreSQL's text search takes them: literals to bind as a parameter and cast."""

from collections.abc import Iterable
from functools import lru_cache

from common.words.forms import document_terms, joined_word, query_terms
from common.words.query import Phrase, Query, Word
from common.words.synonyms import synonyms

# PostgreSQL's own limits. A vector holds a megabyte; some room is left for its padding.
MAX_POSITION = 16_383
MAX_POSITIONS_PER_LEXEME = 255
MAX_LEXEME_BYTES = 2_046
MAX_BYTES = 900_000


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


class TsvectorBuilder:
    """A document out of several texts of different weight, and lexemes that have no place in it."""

    def __init__(self) -> None:
        self._places: dict[str, list[str]] = {}
        self._bytes = 0
        self._position = 0

    def add(self, text: str, weight: str = "D") -> "TsvectorBuilder":
        """Append a text; a gap before it keeps a phrase from running over from the last one."""
        self._position += 1
        for terms in document_terms(text):
            if self._position >= MAX_POSITION:
                break
            self._position += 1
            for lexeme in terms:
                self._place(lexeme, f"{self._position}{weight}")
        return self

    def add_lexeme(self, lexeme: str) -> "TsvectorBuilder":
        """A lexeme to filter by, which ranks nothing."""
        if self._has_room(lexeme):
            self._places.setdefault(lexeme, [])
        return self

    def _place(self, lexeme: str, place: str) -> None:
        if self._has_room(lexeme):
            places = self._places.setdefault(lexeme, [])
            if len(places) < MAX_POSITIONS_PER_LEXEME and places[-1:] != [place]:
                places.append(place)
                self._bytes += 2

    def _has_room(self, lexeme: str) -> bool:
        size = 0 if lexeme in self._places else len(lexeme.encode()) + 4
        if size > MAX_LEXEME_BYTES or self._bytes + size + 2 > MAX_BYTES:
            return False
        self._bytes += size
        return True

    def text(self) -> str:
        """The literal for `%s::tsvector`."""
        return " ".join(
            quote(lexeme) + (":" + ",".join(places) if places else "")
            for lexeme, places in self._places.items()
        )
