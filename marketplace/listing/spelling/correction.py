"""The corrected query for one that finds no tutor: the same with its unknown words replaced by near ones.

Near words come from the vocabulary, which holds what public rows show and nothing else. Still the rows
are asked before anything is made of a word, and before words are left out as too many.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from common.database.connections.prepared_statements import SEARCH_PLANS
from common.text import Query, Word, fold, normalise
from marketplace.listing.indexed.search_pages import find_words
from marketplace.listing.pages import read_page
from marketplace.listing.query import Filters, TutorQuery
from marketplace.listing.spelling.known_words import are_known, as_written, near_words
from marketplace.listing.spelling.match_counts import match_counts_statement
from marketplace.listing.statements.candidates import needs_positions
from profiles.public.replica_reads import read_public_rows
from profiles.public.search.vocabulary import is_correctable

# In letters: shorter words than this are not looked for inside another.
MIN_PART = 3
# So many ways to part a word are tried out, those with the most frequent words first.
MAX_PARTINGS = 3
# Nobody mistypes more words of one question, and each costs some statements.
MOST_CORRECTED = 6
# Which of two words equally near is meant is decided by who would be found, up to so many.
FOUND_UP_TO = 101


def did_you_mean(query: TutorQuery, revision: int) -> str | None:
    """The query with its unknown words corrected, if that finds a tutor with the same filters.

    Of public rows as they were at `revision` or later. Raises psycopg2.Error.
    """
    if query.words.is_empty:
        return None
    known, unknown = _split(query.words.words, revision)
    if not 0 < len(unknown) <= MOST_CORRECTED:
        return None
    text = normalise(query.search)
    corrected = replace(query.words, words=known)
    for word in unknown:
        correction = _correct(word, corrected, query.filters, revision)
        correction = correction or _part(word, replace(query, search=text), corrected, revision)
        if not correction:
            return _join(query, revision)
        corrected = replace(corrected, words=(*corrected.words, *map(Word, correction)))
        written = " ".join(as_written(each, revision) for each in correction)
        text = _replaced(text, word.text, written)
    # Of phrases only their words were counted.
    if needs_positions(corrected) and not _finds(query, text):
        return None
    return text


def _replaced(text: str, words: str, correction: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", correction, text, count=1)


def _split(words: tuple[Word, ...], revision: int) -> tuple[tuple[Word, ...], list[Word]]:
    """The words that find a tutor, and those that find none."""
    found = find_words(words, revision)
    if found is None:
        found = are_known(words, revision)
    known = tuple(word for word, is_found in zip(words, found, strict=True) if is_found)
    return known, [word for word, is_found in zip(words, found, strict=True) if not is_found]


def _correct(word: Word, rest: Query, filters: Filters, revision: int) -> tuple[str, ...]:
    """The nearest word that finds a tutor together with the rest; of several, the commonest."""
    near = near_words(word.text, revision)
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


def _part(word: Word, query: TutorQuery, rest: Query, revision: int) -> tuple[str, ...]:
    """The two words that stand next to one another where a space is missing: redbull."""
    whole = fold(word.text)
    if not is_correctable(whole):
        return ()
    places = range(MIN_PART, len(whole) - MIN_PART + 1)
    firsts = [Word(whole[:place]) for place in places]
    lasts = [Word(whole[place:]) for place in places]
    # Nearly always nobody has one of the two, and nothing is left to be counted.
    known = are_known([*firsts, *lasts], revision)
    pairs = zip(firsts, lasts, known, known[len(firsts) :], strict=False)
    parts = [(first, last) for first, last, *are_found in pairs if all(are_found)]
    queries = [replace(rest, words=(*rest.words, *each)) for each in parts]
    counts = _count(queries, query.filters, FOUND_UP_TO)
    ranked = sorted(zip(counts, parts, strict=True), key=lambda each: -each[0])
    for count, (first, last) in ranked[:MAX_PARTINGS]:
        phrase = f'"{first.text} {last.text}"'
        if count and _finds(query, _replaced(query.search, word.text, phrase)):
            return first.text, last.text
    return ()


def _join(query: TutorQuery, revision: int) -> str | None:
    """The query with two neighbours written as one word, where that finds a tutor: red bull for redbull."""
    words = query.words.words
    pairs = list(zip(words, words[1:], strict=False))
    joined = [Word(fold(one.text) + fold(other.text)) for one, other in pairs]
    known = are_known(joined, revision)
    places = [place for place, is_found in enumerate(known) if is_found]
    queries = [
        replace(query.words, words=(*words[:place], joined[place], *words[place + 2 :]))
        for place in places
    ]
    for place, count in zip(places, _count(queries, query.filters, 1), strict=True):
        if count:
            one, other = pairs[place]
            whole = as_written(joined[place].text, revision)
            return _replaced(normalise(query.search), f"{one.text} {other.text}", whole)
    return None


def _count(queries: Sequence[Query], filters: Filters, cap: int) -> list[int]:
    if not queries:
        return []
    statement = match_counts_statement(queries, filters, cap)
    return [count for (count,) in read_public_rows(*statement, SEARCH_PLANS)]
