"""Words as PostgreSQL's text search takes them: literals to bind as a parameter and cast."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from common.text.lexemes import document_terms, joined_word, query_terms
from common.text.query import Phrase, Query, Word
from common.text.synonyms import synonyms
from common.text.transliteration import sought_keys

# PostgreSQL's own limits. A vector holds a megabyte; some room is left for its padding.
MAX_POSITION = 16_383
MAX_LEXEME_BYTES = 2_046
MAX_BYTES = 900_000
# Characters; longer sentences are hardly ever repeated.
LONGEST_CACHED_SENTENCE = 300


def quote(lexeme: str) -> str:
    """A lexeme inside a tsvector or tsquery literal."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True)
class QueryClauses:
    """A query as clauses of a tsquery: `required` has one per word or phrase that must match,
    `excluded` is the disjunction of what must not match, or None."""

    required: tuple[str, ...]
    excluded: str | None

    @property
    def text(self) -> str | None:
        """All of it for `%s::tsquery`; None when there is nothing to search for."""
        excluded = [] if self.excluded is None else [f"!({self.excluded})"]
        return " & ".join([*self.required, *excluded]) or None


@lru_cache(maxsize=1_024)
def query_clauses(query: Query, mark: str = "", with_synonyms: bool = True) -> QueryClauses:
    """The clauses over what was added to documents with this mark; exclusions apply to the whole document.

    Without synonyms a word stands for its own forms alone.
    """
    required = (
        *(_word(word, mark, with_synonyms) for word in query.words),
        *(_phrase(phrase, mark) for phrase in query.phrases),
    )
    return QueryClauses(required, _any_of(list(map(_excluded, query.exclusions))))


def to_tsquery_text(query: Query) -> str | None:
    """The query for `%s::tsquery`; None when there is nothing to search for."""
    return query_clauses(query).text


def _word(word: Word, mark: str, with_synonyms: bool) -> str:
    """Every part in any form and anywhere, or the parts joined, or the word's variant in the other layout."""
    *first, last = word.parts
    meanings = [_meaning(part, mark, False, with_synonyms) for part in first]
    readings = [_all([*meanings, _meaning(last, mark, word.is_prefix, with_synonyms)])]
    for reading in (joined_word(word.parts), word.layout_variant):
        if reading:
            readings.append(_meaning(reading, mark, word.is_prefix, with_synonyms))
    return str(_any_of(readings))


@lru_cache(maxsize=4_096)
def _meaning(word: str, mark: str, is_prefix: bool, with_synonyms: bool) -> str:
    """One word in any form, or with synonyms what means the same."""
    names = [quote(mark + key) + (":*" if is_prefix else "") for key in sought_keys(word)]
    same = [_sequence(name, mark) for name in synonyms(word)] if with_synonyms else []
    return str(_any_of([_any(query_terms(word), mark, is_prefix), *names, *same]))


def _sequence(words: Iterable[Iterable[str]], mark: str) -> str:
    return " <-> ".join(_any(word, mark) for word in words)


def _phrase(phrase: Phrase, mark: str = "") -> str:
    """Consecutive words exactly as written."""
    *first, last = (quote(mark + query_terms(word)[0]) for word in phrase.words)
    return "(" + " <-> ".join([*first, last + (":*" if phrase.is_prefix else "")]) + ")"


def _excluded(exclusion: Word | Phrase) -> str:
    if isinstance(exclusion, Phrase):
        return _phrase(exclusion)
    parts = ((*query_terms(part), *sought_keys(part)) for part in exclusion.parts)
    clause = "(" + " <-> ".join(map(_any, parts)) + ")"
    if joined := joined_word(exclusion.parts):
        return f"({clause} | {_any(query_terms(joined))})"
    return clause


def _any(lexemes: Iterable[str], mark: str = "", is_prefix: bool = False) -> str:
    """Any of the lexemes of one word; the first is the word itself, which alone can be unfinished."""
    first, *others = (quote(mark + lexeme) for lexeme in lexemes)
    return str(_any_of([first + (":*" if is_prefix else ""), *others]))


def _any_of(clauses: list[str]) -> str | None:
    if len(clauses) < 2:
        return clauses[0] if clauses else None
    return "(" + " | ".join(clauses) + ")"


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
    words: tuple[str, ...]


def _sentence(positions: Iterable[tuple[str, ...]], marks: str, weight: str) -> _Sentence:
    terms = [_marked(each, marks) for each in positions]
    lexemes = (quote(lexeme).replace("%", "%%") for each in terms for lexeme in each)
    return _Sentence(
        "".join(f" {lexeme}:%d{weight}" for lexeme in lexemes),
        tuple(offset for offset, each in enumerate(terms, 1) for _ in each),
        len(terms),
        sum(_size(each) for each in terms),
        tuple(dict.fromkeys(lexeme for each in terms for lexeme in each if lexeme.isalpha())),
    )


def _marked(lexemes: tuple[str, ...], marks: str) -> tuple[str, ...]:
    """The lexemes, and once more behind each mark."""
    return lexemes + tuple(mark + lexeme for mark in marks for lexeme in lexemes)


def _size(lexemes: Iterable[str]) -> int:
    """The bytes that these may take, with their positions and padding."""
    return sum(len(lexeme.encode()) + 6 for lexeme in lexemes)


@lru_cache(maxsize=4_096)
def _cached_sentence(sentence: str, marks: str, is_name: bool, weight: str) -> _Sentence:
    return _sentence(document_terms(sentence, is_name), marks, weight)


class TsvectorBuilder:
    """Builds a tsvector literal from several texts, and from lexemes without positions.

    A mark is one character that no word, stem or filter begins with. What is added with marks is
    found by a query behind any of them, too, so one index knows where a word stands. A weight is one
    of PostgreSQL's four (A to D, the default): it tells texts apart that have the same marks, which
    costs no room but cannot be indexed.

    What comes several times is written several times: PostgreSQL joins it when it reads.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._bytes = 0
        self._position = 0
        self._words: dict[bool, dict[str, None]] = {True: {}, False: {}}

    def add(
        self, text: str, marks: str = "", is_name: bool = False, weight: str = ""
    ) -> "TsvectorBuilder":
        """Append a text; a gap before it keeps a phrase from running over from the last one.

        What is added as a name is also found in the other alphabet.
        """
        self._position += 1
        # No word stretches over a full stop and a space, and names of subjects and sentences such
        # as "The first lesson is free" come again and again: each is analysed once.
        for sentence in text.split(". "):
            if len(sentence) <= LONGEST_CACHED_SENTENCE:
                self._append(_cached_sentence(sentence, marks, is_name, weight), bool(marks))
            else:
                fitting = self._fitting(document_terms(sentence, is_name), marks)
                self._append(_sentence(fitting, marks, weight), bool(marks))
        return self

    def _append(self, sentence: _Sentence, is_marked: bool) -> None:
        start = self._position
        if start + sentence.length > MAX_POSITION or self._bytes + sentence.size > MAX_BYTES:
            return
        self._pieces.append(sentence.literal % tuple(start + each for each in sentence.offsets))
        self._position += sentence.length
        self._bytes += sentence.size
        self._words[is_marked].update(dict.fromkeys(sentence.words))

    def _fitting(
        self, positions: Iterable[tuple[str, ...]], marks: str
    ) -> Iterator[tuple[str, ...]]:
        """The first of the positions, as many as there is room for."""
        places, room = MAX_POSITION - self._position, MAX_BYTES - self._bytes
        for terms in islice(positions, max(0, places)):
            room -= _size(_marked(terms, marks))
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

    @property
    def words(self) -> Iterator[str]:
        """The lexemes made of letters alone, folded words but no stems: those added with marks come first."""
        yield from self._words[True]
        yield from self._words[False]

    def text(self) -> str:
        """The literal for `%s::tsvector`."""
        return "".join(self._pieces)
