"""What a person typed into the search box, understood: words, phrases, exclusions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from common.words.tokens import Unit, normalise, units

# Far above the hundred characters that the API lets through; this bound is for every other caller.
MAX_QUERY = 1_000
MAX_TERMS = 24

_QUOTES = str.maketrans(dict.fromkeys("«»„“”‟〝〞", '"'))
# An optional minus with a quotation, which the end of the text may close, or with anything up to a space.
_ITEM = re.compile(r'(-*)(?:"([^"]*)("|\Z)|([^\s"]+))')

# Words that people put between the words they search for. A document keeps them: phrases need them.
_FILLERS = frozenset("""
    з із зі і й та в у на для до від по про за під при або чи що як не
    и с со во от для или
    z ze i w we na dla do od po o u oraz lub
    a an the of for in on with to and or at by from
    """.split())


@dataclass(frozen=True)
class Word:
    """A word, which may be hyphenated; `is_prefix` when its end may not be typed yet."""

    text: str
    is_prefix: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.text.split("-"))


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

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.phrases or self.exclusions)

    @property
    def only_excludes(self) -> bool:
        return bool(self.exclusions) and not (self.words or self.phrases)


def parse_query(text: str) -> Query:
    """Any text at all as a query. Whatever is no word, quotation mark or leading minus is punctuation."""
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
    return Query(
        _without_fillers(words, bool(phrases)), tuple(phrases), tuple(exclusions)
    )


def _items(text: str) -> Iterator[tuple[Word | Phrase, bool]]:
    """The parts of a query and whether they exclude. Only the very last one may still be unfinished."""
    simple = normalise(text[:MAX_QUERY]).translate(_QUOTES)
    found: list[tuple[Word | Phrase, bool]] = []
    for minus, quoted, closing, plain in _ITEM.findall(simple):
        if plain:
            found.extend((Word(_spelled(unit)), bool(minus)) for unit in units(plain))
        elif words := tuple(
            word for unit in units(quoted) for word in _spelled(unit).split("-")
        ):
            found.append(
                (Phrase(words[:MAX_TERMS], not closing and not minus), bool(minus))
            )
    found = found[:MAX_TERMS]
    if found and isinstance(found[-1][0], Word) and not found[-1][1]:
        found[-1] = (Word(found[-1][0].text, is_prefix=True), False)
    return iter(found)


def _spelled(unit: Unit) -> str:
    return ("." if unit.dotted else "") + "-".join(unit.parts)


def _without_fillers(words: list[Word], has_more: bool) -> tuple[Word, ...]:
    """The words that say something; all of them when nothing else would be left to search for."""
    telling = tuple(word for word in words if word.text not in _FILLERS)
    return telling if telling or has_more else tuple(words)
