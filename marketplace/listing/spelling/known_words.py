"""What public rows say of words that a question mistypes: stored in this process by word, while the
rows are of one revision.

Whole questions seldom repeat, and what is typed wrong in them does. A revision stands for the rows that
it was read with, so that nothing of a profile that was hidden since is ever answered from here.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, takewhile
from threading import Lock

import orjson

from common.database.connections.prepared_statements import SEARCH_PLANS
from common.http.conditional import ETAG_CHARACTERS
from common.text import Query, Word, distance, fold, is_near_form, max_edits, tokens
from marketplace.listing.query import Filters
from marketplace.listing.spelling.match_counts import match_counts_statement
from marketplace.listing.spelling.near_words import near_words_statement, shown_words_statement
from marketplace.listing.statements.best_matches import best_matches_statement
from profiles.public.privacy import ORIGINS
from profiles.public.replica_reads import read_public_rows
from profiles.public.search.vocabulary import is_correctable, showing

# Of the words that public rows show, so many are considered, nearest first.
MAX_CANDIDATES = 40
# Stored: words typed wrong with what is near them, and words with whether anybody has them.
MOST_MISTYPED, MOST_FOUND = 1_024, 8_192
_SEARCHED = [name for name, origin in ORIGINS.items() if origin.marks is not None]


class _FoundWords:
    """Whether anybody has a word, by revision and word; those stored longest ago go first."""

    def __init__(self) -> None:
        self._found = OrderedDict[tuple[int, Word], bool]()
        self._lock = Lock()

    def read(self, words: Sequence[Word], revision: int) -> list[bool]:
        with self._lock:
            known = {word: self._found.get((revision, word)) for word in words}
        missing = [word for word, found in known.items() if found is None]
        if missing:
            queries = [Query((word,)) for word in missing]
            counting = match_counts_statement(queries, Filters(), 1)
            counts = read_public_rows(*counting, SEARCH_PLANS)
            read = {word: count > 0 for word, (count,) in zip(missing, counts, strict=True)}
            known |= read
            with self._lock:
                self._found |= {(revision, word): found for word, found in read.items()}
                while len(self._found) > MOST_FOUND:
                    self._found.popitem(last=False)
        return [bool(known[word]) for word in words]


_found_words = _FoundWords()


def are_known(words: Sequence[Word], revision: int) -> list[bool]:
    """Whether anybody has each of the words, of public rows as of `revision` or later.

    Raises psycopg2.Error.
    """
    return _found_words.read(words, revision)


@lru_cache(MOST_MISTYPED)
def near_words(typed: str, revision: int) -> tuple[tuple[int, str], ...]:
    """Up to MAX_CANDIDATES words that public rows show within the tolerated distance, with it: nearest
    first, then by alphabet.

    Behind them, further than any, stand those that are near but for their endings. Raises psycopg2.Error.
    """
    return tuple(islice(_near(fold(typed)), MAX_CANDIDATES))


def _near(word: str) -> Iterator[tuple[int, str]]:
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


@lru_cache(MOST_MISTYPED)
def as_written(word: str, revision: int) -> str:
    """A folded word as the best tutor who has it writes it, with apostrophes and diacritics.

    Raises psycopg2.Error.
    """
    for card, *_ in read_public_rows(*best_matches_statement(showing(word), 1)):
        shown = orjson.loads(card[ETAG_CHARACTERS:])
        texts = " . ".join(_text(shown[name]) for name in _SEARCHED)
        return next((token for token in tokens(texts) if fold(token) == word), word)
    return word


def _text(value: str | list[str] | None) -> str:
    return " . ".join(value) if isinstance(value, list) else value or ""
