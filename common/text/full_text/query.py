"""The query parser: any text to words, phrases and exclusions."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from common.text.spelling.keyboard_layout import find_layout_variant
from common.text.stemming.ukrainian import is_known
from common.text.tokens import Unit, has_units, normalise, units

# Characters. The API allows 100; this bound is for every other caller.
MAX_QUERY = 1_000
MAX_TERMS = 24

_QUOTES = str.maketrans(dict.fromkeys("«»„“”‟〝〞‹›", '"'))
# ‘Single’ quotation marks are apostrophes inside words, so only a pair around words quotes them.
_SINGLE_QUOTES = re.compile(r"(?<!\w)[‘‚]([^‘‚’]*(?:(?<=\w)’(?=\w)[^‘‚’]*)*)[’‘](?!\w)")
# An optional minus with a quotation, which the end of the text may close, or with anything up to a space.
# Where a keyboard or a text processor makes a dash of it, the minus is a dash.
_ITEM = re.compile(r'([-–—]*)(?:"([^"]*)("|\Z)|([^\s"]+))')

# node.js: its parts, or both in one word.
_DOTTED = re.compile(r"[a-z]+(?:\.[a-z]+)+")

# Left out of queries only: documents keep them, because phrases need them.
_STOP_WORDS = frozenset("""
    з із зі і й та в у на для до від по про за під при або чи що як не
    и с со во от для или
    z ze i w we na dla do od po o u oraz lub
    a an the of for in on with to and or at by from
    """.split())


@dataclass(frozen=True)
class Word:
    """A word, which may be hyphenated; `is_prefix` when its end may not be typed yet.

    `layout_variant` is what the same keys type in the other keyboard layout, where that reading is likelier.
    """

    text: str
    is_prefix: bool = False
    layout_variant: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.text.split("-"))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # One word is looked up in several caches by each search that it is in.
        return hash((self.text, self.is_prefix, self.layout_variant))


@dataclass(frozen=True)
class Phrase:
    """Words that must follow one another exactly as they are."""

    words: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True)
class Query:
    words: tuple[Word, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    exclusions: tuple[Word | Phrase, ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.words, self.phrases, self.exclusions))

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.phrases or self.exclusions)

    @property
    def only_excludes(self) -> bool:
        return bool(self.exclusions) and not (self.words or self.phrases)


def parse_query(text: str) -> Query:
    """Any text at all as a query. Whatever is no word, quotation mark or leading minus is punctuation."""
    return _parse(text[:MAX_QUERY])


@lru_cache(maxsize=1_024)
def _parse(text: str) -> Query:
    words: list[Word] = []
    phrases: list[Phrase] = []
    exclusions: list[Word | Phrase] = []
    for item, is_excluded in _items(text):
        if is_excluded:
            exclusions.append(item)
        elif isinstance(item, Phrase):
            phrases.append(item)
        else:
            words.append(item)
    return Query(_without_stop_words(words, bool(phrases)), tuple(phrases), tuple(exclusions))


def _items(text: str) -> list[tuple[Word | Phrase, bool]]:
    """The parts of a query and whether they exclude. Only the very last one may still be unfinished."""
    normalised = normalise(_SINGLE_QUOTES.sub(r'"\1"', text)).translate(_QUOTES)
    found: list[tuple[Word | Phrase, bool]] = []
    for match in _ITEM.finditer(normalised):
        minus, quoted, closing, plain = match.groups()
        is_last = not has_units(normalised[match.end() :])
        if plain and minus:
            found.extend((Word(_spelled(unit)), True) for unit in units(plain))
        elif plain:
            found.extend((word, False) for word in _words(plain, is_last))
        elif words := tuple(word for unit in units(quoted) for word in _spelled(unit).split("-")):
            found.append((Phrase(words[:MAX_TERMS], not closing and not minus), bool(minus)))
    return found[:MAX_TERMS]


@lru_cache(maxsize=4_096)
def _words(typed: str, is_last: bool) -> tuple[Word, ...]:
    """The words in what stands between two spaces.

    Several may be one: j,ksr is облік, typed in the other layout.
    """
    spelled = [_spelled(unit) for unit in units(typed)]
    variant = find_layout_variant(typed, is_unfinished=is_last)
    if len(spelled) > 1 and variant and is_known(variant):
        return (Word(variant, is_last),)
    if _DOTTED.fullmatch(typed):
        return (Word(typed.replace(".", "-"), is_last, variant),)
    words = [Word(word) for word in spelled]
    if words:
        words[-1] = Word(spelled[-1], is_last, variant if len(words) == 1 else None)
    return tuple(words)


def _spelled(unit: Unit) -> str:
    return ("." if unit.dotted else "") + "-".join(unit.parts)


def _without_stop_words(words: list[Word], has_phrases: bool) -> tuple[Word, ...]:
    """The words without stop words; all of them where nothing else would be left to search for."""
    content_words = tuple(word for word in words if word.text not in _STOP_WORDS)
    return content_words if content_words or has_phrases else tuple(words)
