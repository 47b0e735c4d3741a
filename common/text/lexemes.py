"""From a word to its lexemes: those stored for a document, and those a query looks for."""

import threading
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

from common.text import polish, ukrainian
from common.text.tokens import (
    MAX_TOKEN,
    Unit,
    fold,
    is_cyrillic,
    is_latin,
    normalise,
    units,
)

# Raise it with every change that alters lexemes: stored documents must then be built again.
LEXICON_VERSION = 1

# First characters that no word has, so that a stem never equals a word: прав is not the stem of право.
# A filter's lexeme has a colon (`language:uk`), which neither has.
UKRAINIAN, ENGLISH, POLISH = "~", "^", "%"

_english = snowballstemmer.stemmer("english")
# Snowball has no Ukrainian, and its Polish joins only four forms of five.
# A stemmer keeps the current word in itself, so it is not thread-safe.
_english_lock = threading.Lock()


@lru_cache(maxsize=16_384)
def lexemes(token: str) -> tuple[str, ...]:
    """The lexemes of one token, the word itself (folded) first, then its stems."""
    word = fold(token)
    if not token.replace("'", "").isalpha():
        return (word,)
    if is_cyrillic(token):
        stems = [UKRAINIAN + fold(stem) for stem in ukrainian.stems(token)]
    elif is_latin(token):
        stems = _latin_stems(token, word)
    else:
        stems = []
    return tuple(dict.fromkeys((word, *stems)))


def _latin_stems(token: str, word: str) -> list[str]:
    """English and Polish stems: a Latin word may be in either language."""
    with _english_lock:
        english = _english.stemWord(token if "'" in token else word)
    return [ENGLISH + fold(english), *(POLISH + stem for stem in polish.stems(word))]


def document_terms(text: str) -> list[tuple[str, ...]]:
    """The lexemes at each position of a text."""
    return [terms for unit in units(normalise(text)) for terms in _unit_terms(unit)]


def _unit_terms(unit: Unit) -> Iterator[tuple[str, ...]]:
    """The unit's positions; the first one also holds the joined spelling, and the one with its dot."""
    first = lexemes(unit.parts[0])
    if unit.dotted or unit.after_dot:
        first = (*first, "." + first[0])
    if joined := joined_word(unit.parts):
        first = (*first, *lexemes(joined))
    yield first
    for part in unit.parts[1:]:
        yield lexemes(part)


def joined_word(parts: tuple[str, ...]) -> str | None:
    """e-learning as elearning; not 10-15 as 1015."""
    joined = "".join(parts)
    return joined if len(parts) > 1 and len(joined) <= MAX_TOKEN and joined.isalpha() else None


def query_terms(word: str) -> tuple[str, ...]:
    """The alternatives that a word of a query stands for."""
    return ("." + fold(word[1:]),) if word.startswith(".") else lexemes(word)
