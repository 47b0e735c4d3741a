"""What somebody meant whose query finds nobody: the same with one or two letters mended.

Near words come from a vocabulary that may remember words nobody shows any more. It is the search
rows that decide: a word that they do not have is not told, and as good as not there.
"""

import re
from dataclasses import replace
from itertools import groupby

from common.database.session import read_rows
from common.text import Query, Word, deletions, distance, fold, max_edits, normalise
from marketplace.listing.query import Filters, TutorQuery
from marketplace.listing.statements.match_counts import match_counts_statement
from profiles.public.vocabulary import is_correctable

# Of so many near words the best is looked for, nearest first.
MOST_CANDIDATES = 40
# Which of two words equally near is meant is decided by who would be found, up to so many.
FOUND_UP_TO = 101
_NEAR = "select distinct word from public_spellings where spelling = any(%(spellings)s)"


def did_you_mean(query: TutorQuery) -> str | None:
    """The query with its unknown words mended, if that finds somebody beside the same filters."""
    if query.words.is_empty:
        return None
    known, unknown = _parted(query.words.words)
    if not unknown:
        return None
    text = normalise(query.search)
    good = replace(query.words, words=known)
    for word in unknown:
        mended = _mended(word, good, query.filters)
        if mended is None:
            return None
        good = replace(good, words=(*good.words, Word(mended)))
        text = re.sub(rf"(?<!\w){re.escape(word.text)}(?!\w)", mended, text, count=1)
    return text


def _parted(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], list[Word]]:
    """The words that somebody shows, and those that nobody does but that might be mended."""
    counts = _count([Query((word,)) for word in words], Filters(), 1)
    known = tuple(word for word, count in zip(words, counts, strict=True) if count)
    return known, [word for word, count in zip(words, counts, strict=True) if not count]


def _mended(word: Word, rest: Query, filters: Filters) -> str | None:
    """The nearest word that finds somebody together with the rest; of several, the commonest."""
    for _, words in groupby(_near(word.text), key=lambda near: near[0]):
        candidates = [candidate for _, candidate in words]
        queries = [replace(rest, words=(*rest.words, Word(each))) for each in candidates]
        counts = _count(queries, filters, FOUND_UP_TO)
        best = max(counts)
        if best:
            return candidates[counts.index(best)]
    return None


def _near(word: str) -> list[tuple[int, str]]:
    """The words within reach and how far they are, nearest first, then in alphabetical order."""
    if not is_correctable(word):
        return []
    bare = fold(word)
    rows = read_rows(_NEAR, {"spellings": list(deletions(bare))})
    near = sorted((distance(bare, fold(candidate)), candidate) for (candidate,) in rows)
    return [each for each in near if each[0] <= max_edits(bare)][:MOST_CANDIDATES]


def _count(queries: list[Query], filters: Filters, cap: int) -> list[int]:
    if not queries:
        return []
    return [count for (count,) in read_rows(*match_counts_statement(queries, filters, cap))]
