"""From a word to its lexemes: those stored for a document, and those a query looks for."""

import re
import threading
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

from common.text.spelling.transliteration import stored_keys
from common.text.stemming import polish, ukrainian
from common.text.stemming.cognates import language_of
from common.text.stemming.irregular_forms import base_forms
from common.text.tokens import (
    MAX_TOKEN,
    Unit,
    fold,
    is_cyrillic,
    is_latin,
    look,
    normalise,
    units,
)

# Raise it with every change that alters lexemes: stored documents must then be built again.
LEXICON_VERSION = 5

# First characters that no word has, so that a stem never equals a word: прав is not the stem of право.
# A filter's lexeme has a colon (`language:uk`), which neither has.
UKRAINIAN, ENGLISH, POLISH = "~", "^", "%"
# Of what a word looks like, where it looks the same in both alphabets.
LOOK = "="

# 5й, 5-го, 11th, 2gi: the number is a word, too.
_ORDINAL = re.compile(
    r"(\d{1,4})(?:й|ий|ій|го|ого|му|ому|им|ім|ї|ої|а|я|е|є|ва|та|ма|та|st|nd|rd|th|gi|ci|ty|my|szy)"
)
# A part of O'Connor counts as a word from so many letters on; Ukrainian has apostrophes before these letters.
_MIN_PART = 3
_AFTER_APOSTROPHE = "яюєї"
# Node.js is also nodejs; what a full stop without a space joins is seldom longer.
_MAX_DOTTED_PART = 12

_english = snowballstemmer.stemmer("english")
# Snowball has no Ukrainian, and its Polish joins only four forms of five.
# A stemmer keeps the current word in itself, so it is not thread-safe.
_english_lock = threading.Lock()


@lru_cache(maxsize=16_384)
def lexemes(token: str) -> tuple[str, ...]:
    """The lexemes of one token, the word itself (folded) first, then its stems."""
    word = fold(token)
    found = [word]
    if not token.replace("'", "").isalpha():
        if ordinal := _ORDINAL.fullmatch(word):
            found.append(ordinal[1])
    elif is_cyrillic(token):
        found += [UKRAINIAN + fold(stem) for stem in ukrainian.stems(token)]
    elif is_latin(token):
        found += _latin_stems(token, word)
    if shape := look(token):
        found.append(LOOK + shape)
    return tuple(dict.fromkeys(found))


def _latin_stems(token: str, word: str) -> list[str]:
    """English and Polish stems: most Latin words may be in either language."""
    language = language_of(token)
    english = [] if language == "pl" else _english_stems(token, word)
    return english + ([] if language == "en" else _polish_stems(token, word))


def _english_stems(token: str, word: str) -> list[str]:
    bases = [token if "'" in token else word, *base_forms("en").get(word, ())]
    with _english_lock:
        return [ENGLISH + fold(_english.stemWord(each)) for each in bases]


def _polish_stems(token: str, word: str) -> list[str]:
    polish_bases = base_forms("pl")
    bases = (
        *polish_bases.get(word, ()),
        *(polish_bases.get(token, ()) if token != word else ()),
    )
    return [POLISH + stem for each in (word, *bases) for stem in polish.stems(each)]


def document_terms(text: str, is_name: bool = False) -> list[tuple[str, ...]]:
    """The lexemes at each position of a text. Names are also found in the other alphabet."""
    found: list[tuple[str, ...]] = []
    previous: Unit | None = None
    for unit in units(normalise(text)):
        first, *others = _unit_terms(unit)
        if previous and (dotted := _dotted_word(previous, unit)):
            found[-1] = (*found[-1], dotted)
        found += [first, *others]
        previous = unit
    if is_name:
        words = [part for unit in units(normalise(text)) for part in unit.parts]
        return [(*each, *stored_keys(word)) for each, word in zip(found, words, strict=True)]
    return found


def _unit_terms(unit: Unit) -> Iterator[tuple[str, ...]]:
    """The unit's positions; the first one also holds the joined spelling, and the one with its dot."""
    first = _part_terms(unit.parts[0])
    if unit.dotted or unit.after_dot:
        first = (*first, "." + first[0])
    if joined := joined_word(unit.parts):
        first = (*first, *lexemes(joined))
    yield first
    for part in unit.parts[1:]:
        yield _part_terms(part)


def _part_terms(part: str) -> tuple[str, ...]:
    """The lexemes of a word, and of its parts where an apostrophe joins two: O'Connor, д'Артаньян."""
    terms = lexemes(part)
    pieces = part.split("'")
    if len(pieces) > 1:
        for piece in pieces[1:]:
            if len(piece) >= _MIN_PART and piece[0] not in _AFTER_APOSTROPHE:
                terms = (*terms, *lexemes(piece))
    return terms


def _dotted_word(previous: Unit, unit: Unit) -> str | None:
    """nodejs of Node.js: two words of ASCII with nothing but a dot between them."""
    one, other = previous.parts[-1], unit.parts[0]
    if not unit.joins_previous or max(len(one), len(other)) > _MAX_DOTTED_PART:
        return None
    joined = one + other
    return joined if joined.isascii() and joined.isalpha() else None


def joined_word(parts: tuple[str, ...]) -> str | None:
    """e-learning as elearning, and 3-D as 3d; not 10-15 as 1015."""
    joined = "".join(parts)
    is_word = joined.isalnum() and not joined.isdigit()
    return joined if len(parts) > 1 and len(joined) <= MAX_TOKEN and is_word else None


def query_terms(word: str) -> tuple[str, ...]:
    """The alternatives that a word of a query stands for."""
    return ("." + fold(word[1:]),) if word.startswith(".") else lexemes(word)
