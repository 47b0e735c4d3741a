"""Queries as PostgreSQL's text search takes them: literals to bind as a parameter and cast."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from common.text.full_text.query import Phrase, Query, Word
from common.text.full_text.synonyms import synonyms
from common.text.lexemes import joined_word, query_terms
from common.text.spelling.transliteration import sought_keys


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
    parts: tuple[Word | Phrase, ...] = (*query.words, *query.phrases)
    required = tuple(required_clause(part, mark, with_synonyms) for part in parts)
    return QueryClauses(required, excluded_clause(query))


def required_clause(part: Word | Phrase, mark: str = "", with_synonyms: bool = True) -> str:
    """The clause of one word or phrase that must match; a phrase stands for itself alone."""
    return _phrase(part, mark) if isinstance(part, Phrase) else _word(part, mark, with_synonyms)


def excluded_clause(query: Query) -> str | None:
    """The disjunction of what must not match."""
    return _any_of([_excluded(each) for each in query.exclusions])


def to_tsquery_text(query: Query) -> str | None:
    """The query for `%s::tsquery`; None when there is nothing to search for."""
    return query_clauses(query).text


@lru_cache(maxsize=4_096)
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
