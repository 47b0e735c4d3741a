"""The corrected query for one that finds no tutor: the same with its unknown words replaced by near ones.

Near words come from the vocabulary, which holds what public rows show and nothing else. Still the rows
are asked before anything is made of a word, and before words are left out as too many.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice, takewhile

import orjson

from common.http.conditional import ETAG_CHARACTERS
from common.text import Query, Word, distance, fold, is_near_form, max_edits, normalise, tokens
from marketplace.listing.indexed_search import find_words
from marketplace.listing.pages import read_page
from marketplace.listing.query import Filters, TutorQuery
from marketplace.listing.statements.best_matches import best_matches_statement
from marketplace.listing.statements.candidates import needs_positions
from marketplace.listing.statements.match_counts import match_counts_statement
from marketplace.listing.statements.near_words import near_words_statement, shown_words_statement
from profiles.public.privacy import ORIGINS
from profiles.public.replica_reads import read_public_rows
from profiles.public.search.vocabulary import is_correctable, showing

# Of the words that public rows show, so many are considered, nearest first.
MAX_CANDIDATES = 40
# In letters: shorter words than this are not looked for inside another.
MIN_PART = 3
# So many ways to part a word are tried out, those with the most frequent words first.
MAX_PARTINGS = 3
# Which of two words equally near is meant is decided by who would be found, up to so many.
FOUND_UP_TO = 101
_SEARCHED = [name for name, origin in ORIGINS.items() if origin.marks is not None]


def did_you_mean(query: TutorQuery, revision: int) -> str | None:
    """The query with its unknown words corrected, if that finds a tutor with the same filters.

    Of public rows as they were at `revision` or later.
    """
    if query.words.is_empty:
        return None
    known, unknown = _split(query.words.words, revision)
    if not unknown:
        return None
    text = normalise(query.search)
    corrected = replace(query.words, words=known)
    for word in unknown:
        correction = _correct(word, corrected, query.filters)
        correction = correction or _part(word, replace(query, search=text), corrected)
        if not correction:
            return _join(query)
        corrected = replace(corrected, words=(*corrected.words, *map(Word, correction)))
        text = _replaced(text, word.text, " ".join(map(_as_written, correction)))
    # Of phrases only their words were counted.
    if needs_positions(corrected) and not _finds(query, text):
        return None
    return text


def _replaced(text: str, words: str, correction: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", correction, text, count=1)


def _split(words: tuple[Word, ...], revision: int) -> tuple[tuple[Word, ...], list[Word]]:
    """The words that find a tutor, and those that find none."""
    found: Sequence[int] | None = find_words(words, revision)
    if found is None:
        found = _count([Query((word,)) for word in words], Filters(), 1)
    known = tuple(word for word, count in zip(words, found, strict=True) if count)
    return known, [word for word, count in zip(words, found, strict=True) if not count]


def _correct(word: Word, rest: Query, filters: Filters) -> tuple[str, ...]:
    """The nearest word that finds a tutor together with the rest; of several, the commonest."""
    near = islice(_near(word.text), MAX_CANDIDATES)
    for _, words in groupby(near, key=lambda each: each[0]):
        candidates = [candidate for _, candidate in words]
        queries = [replace(rest, words=(*rest.words, Word(each))) for each in candidates]
        counts = _count(queries, filters, FOUND_UP_TO)
        best = max(counts)
        if best:
            return (candidates[counts.index(best)],)
    return ()


def _finds(query: TutorQuery, text: str) -> bool:
    """Whether anybody is found by this text in place of the query's."""
    return read_page(replace(query, search=text, cursor=None), None, 1).matches > 0


def _part(word: Word, query: TutorQuery, rest: Query) -> tuple[str, ...]:
    """The two words that stand next to one another where a space is missing: redbull."""
    whole = fold(word.text)
    if not is_correctable(whole):
        return ()
    places = range(MIN_PART, len(whole) - MIN_PART + 1)
    parts = [(whole[:place], whole[place:]) for place in places]
    queries = [replace(rest, words=(*rest.words, *map(Word, each))) for each in parts]
    counts = _count(queries, query.filters, FOUND_UP_TO)
    ranked = sorted(zip(counts, parts, strict=True), key=lambda each: -each[0])
    for count, each in ranked[:MAX_PARTINGS]:
        if count and _finds(query, _replaced(query.search, word.text, f'"{" ".join(each)}"')):
            return each
    return ()


def _join(query: TutorQuery) -> str | None:
    """The query with two neighbours written as one word, where that finds a tutor: red bull for redbull."""
    words = query.words.words
    pairs = list(zip(words, words[1:], strict=False))
    joined = [Word(fold(one.text) + fold(other.text)) for one, other in pairs]
    queries = [
        replace(query.words, words=(*words[:place], word, *words[place + 2 :]))
        for place, word in enumerate(joined)
    ]
    for (one, other), word, count in zip(
        pairs, joined, _count(queries, query.filters, 1), strict=True
    ):
        if count:
            whole = _as_written(word.text)
            return _replaced(normalise(query.search), f"{one.text} {other.text}", whole)
    return None


def _near(typed: str) -> Iterator[tuple[int, str]]:
    """Words that public rows show within the tolerated distance, with it: nearest first, then by alphabet.

    Behind them, further than any, stand those that are near but for their endings.
    """
    word = fold(typed)
    if not is_correctable(word):
        return
    rows = read_public_rows(*near_words_statement(word))
    measured = sorted((distance(word, candidate), candidate) for (candidate,) in rows)
    within = list(takewhile(lambda each: each[0] <= max_edits(word), measured))
    yield from _shown(within)
    further = measured[len(within) :]
    forms = (candidate for _, candidate in further if is_near_form(word, candidate))
    yield from _shown([(max_edits(word) + 1, candidate) for candidate in sorted(forms)])


def _shown(near: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Those of the words that public rows show."""
    for start in range(0, len(near), MAX_CANDIDATES):
        part = near[start : start + MAX_CANDIDATES]
        statement = shown_words_statement([candidate for _, candidate in part])
        shown = {candidate for (candidate,) in read_public_rows(*statement)}
        yield from (each for each in part if each[1] in shown)


def _as_written(word: str) -> str:
    """A folded word as the best tutor who has it writes it, with apostrophes and diacritics."""
    for card, *_ in read_public_rows(*best_matches_statement(showing(word), 1)):
        shown = orjson.loads(card[ETAG_CHARACTERS:])
        texts = " . ".join(_text(shown[name]) for name in _SEARCHED)
        return next((token for token in tokens(texts) if fold(token) == word), word)
    return word


def _text(value: str | list[str] | None) -> str:
    return " . ".join(value) if isinstance(value, list) else value or ""


def _count(queries: list[Query], filters: Filters, cap: int) -> list[int]:
    if not queries:
        return []
    return [count for (count,) in read_public_rows(*match_counts_statement(queries, filters, cap))]
