"""From text as people type it to comparable words: one spelling per word, nothing but words."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

MAX_TOKEN = 64
MAX_TOKENS = 8_000

_APOSTROPHES = "’ʼ‘`´′‛ʹˈˊˋ＇՚ʻʽʾʿ᾽᾿῾΄Ꞌꞌ❛❜׳"
_HYPHENS = "‐‑﹣－"
_MINUS = "−"
# Where a keyboard has no apostrophe at hand: п"ять, об"єкт.
_QUOTE_FOR_APOSTROPHE = re.compile('(?<=[бвгґджзкмнпрстфхцчшщ])["“”„‟″ʺˮ❝❞״](?=[єїюя])')
# Stands on both sides of a raised or lowered number in a normalised text: H₂O is three words, and one.
_INDEX = "\ue001"
# A place where a word may be broken: it parts two words, or is inside one. As a hyphen it is read both ways.
_BREAK_INSIDE = re.compile(r"(?<=\w)\u200b+(?=\w)")
# Read before NFKC, which would tear ´ in two and glue ™ to the word it follows.
_SAME_SIGN = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_HYPHENS + _MINUS, "-"),
        "♯": "#",
        **dict.fromkeys("″ʺ＂ˮ❝❞״", '"'),
    }
)


class _Simple(dict[int, int | str | None]):
    """For str.translate, before compatibility normalisation (NFKC) glues signs to words.

    Signs such as №, ①, ² and ™ part words, and numbers among them stay as words of their own. Dropped are
    soft hyphens, zero-width signs, and marks that compose with no letter (a stress, as in за́мок). Digits
    of other scripts become ASCII ones.
    """

    def __missing__(self, code: int) -> int | str | None:
        simple = _simple(chr(code))
        if len(self) < 4_096:
            self[code] = simple
        return simple


def _simple(character: str) -> int | str | None:
    category = unicodedata.category(character)
    if category == "Cf" or category[0] == "M":
        return None
    if category == "Nd":
        return str(unicodedata.digit(character))
    if is_sign(character):
        number = unicodedata.normalize("NFKC", character).replace("\u2044", "/")
        if number.isdigit() and _is_raised_or_lowered(character):
            return f"{_INDEX}{number}{_INDEX}"
        return f" {number} " if number[0].isdigit() else " "
    return ord(character)


_SIMPLE = _Simple()

_ODD = re.compile(f"[{re.escape(''.join(map(chr, _SAME_SIGN)))}]")
# Nearly every text is written in these, and then the slow steps would change nothing.
_PLAIN = re.compile(r"[\t\n\r -_a-~а-яґєіїёąćęłńóśźż«»„“”–—]*")

_LETTERS = r"[^\W_]+(?:'[^\W_]+)*"
_LETTER = r"[^\W\d_]"
# `c#` and `f#`; `.net`; `c++`; п'ять; англійсько-український; H₂O
_UNIT = re.compile(
    rf"(?<![^\W_]){_LETTER}\#(?!\w)"
    rf"|(?:(?<!\w)\.(?={_LETTER}))?{_LETTERS}(?:(?:-|{_INDEX}{{1,2}}){_LETTERS})*(?:\+\+)?"
)

_JOINT = re.compile(f"-|{_INDEX}+")

# A Latin letter that looks like a Cyrillic one and the other way round: «Еnglish», «англiйська», «С++», «В2».
_LOOK_CYRILLIC, _LOOK_LATIN = "авеікмнорстухї", "abeikmhopctyxï"
_TO_LATIN = str.maketrans(_LOOK_CYRILLIC, _LOOK_LATIN)
_TO_CYRILLIC = str.maketrans(_LOOK_LATIN, _LOOK_CYRILLIC)
_CYRILLIC = re.compile("[\u0400-\u052f]")
_UNMARKED = re.compile("[a-z\u00df-\u024f\u1e00-\u1fff\u0370-\u03ff]")
_LATIN = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")
_LOOKALIKE = re.compile(f"(?=.*[{_LOOK_CYRILLIC}{_LOOK_LATIN}])[{_LOOK_CYRILLIC}{_LOOK_LATIN}0-9]+")
_LEVEL = re.compile(r"[авс][12]|[сf]\+\+|с\#")

_UNSPLIT = {
    "ł": "l",
    "đ": "d",
    "ø": "o",
    "ħ": "h",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
}
# ґ is often typed г, ё е; й and ї keep their marks, because without them they are other letters.
_UNMARK = str.maketrans({**_UNSPLIT, "ґ": "г", "ё": "е", "'": None})


@lru_cache(maxsize=4_096)
def is_sign(character: str) -> bool:
    """Whether compatibility normalisation would make letters or digits of a sign: №, ①, ², ™."""
    decomposed = unicodedata.decomposition(character)
    is_symbol = unicodedata.category(character) in ("No", "So")
    return bool(decomposed) and (is_symbol or _is_raised_or_lowered(character))


def _is_raised_or_lowered(character: str) -> bool:
    return unicodedata.decomposition(character).startswith(("<super>", "<sub>"))


class Unit(NamedTuple):
    """One word, or several joined by hyphens or by raised and lowered numbers."""

    parts: tuple[str, ...]
    dotted: bool  # .net: the dot is part of the word
    after_dot: bool  # asp.net: it may be
    joins_previous: bool = False  # node.js: nothing but a dot between them
    has_index: bool = False  # H₂O, x²: a number in it is raised or lowered


def normalise(text: str) -> str:
    """Lower case, one apostrophe, one hyphen, nothing invisible, no stress marks; stable when repeated."""
    text = text.translate(_SAME_SIGN) if _ODD.search(text) else text
    # Dropping a mark can bring two characters together that compose, hence until nothing changes.
    while (simpler := _simplify(text)) != text:
        text = simpler
    return text


def _simplify(text: str) -> str:
    text = text.casefold()
    if not _PLAIN.fullmatch(text):
        text = _BREAK_INSIDE.sub("-", unicodedata.normalize("NFC", text)).translate(_SIMPLE)
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        text = text.translate(_SAME_SIGN).translate(_SIMPLE)
    return _QUOTE_FOR_APOSTROPHE.sub("'", text)


def units(normalised: str) -> Iterator[Unit]:
    """The words of a normalised text in order; words joined by hyphens come as one unit."""
    count, end = 0, -1
    for match in _UNIT.finditer(normalised):
        word, start = match.group(), match.start()
        dotted = word[0] == "."
        parts = tuple(in_one_alphabet(part[:MAX_TOKEN]) for part in _JOINT.split(word.lstrip(".")))
        parts = parts[: MAX_TOKENS - count]
        if not parts:
            return
        after_dot = start > 0 and normalised[start - 1] == "."
        yield Unit(parts, dotted, after_dot, after_dot and end == start - 1, _INDEX in word)
        count, end = count + len(parts), match.end()


def has_units(normalised: str) -> bool:
    """Whether there is a word in a normalised text."""
    return _UNIT.search(normalised) is not None


def tokens(text: str) -> list[str]:
    """Every word of a text, in order; a hyphenated one as a whole and then in parts; H₂O in parts."""
    found: list[str] = []
    for unit in units(normalise(text)):
        if len(unit.parts) > 1 and not unit.has_index:
            found.append("-".join(unit.parts)[:MAX_TOKEN])
        found.extend(("." + unit.parts[0] if unit.dotted else unit.parts[0], *unit.parts[1:]))
    return found[:MAX_TOKENS]


@lru_cache(maxsize=16_384)
def fold(token: str) -> str:
    """The token as people type it in a hurry: no diacritics (łódź → lodz), no apostrophe (п'ять → пять)."""
    if token.isascii():
        return token.replace("'", "")
    return "".join(_base(letter) for letter in token.translate(_UNMARK))


@lru_cache(maxsize=4096)
def _base(letter: str) -> str:
    """A Latin or Greek letter without its marks; й and ї are letters of their own."""
    return unicodedata.normalize("NFD", letter)[0] if _UNMARKED.match(letter) else letter


def is_cyrillic(token: str) -> bool:
    return _CYRILLIC.search(token) is not None


def is_latin(token: str) -> bool:
    return _LATIN.search(token) is not None


@lru_cache(maxsize=16_384)
def in_one_alphabet(token: str) -> str:
    """A word with a stray letter of the other alphabet that looks the same, in one alphabet."""
    if token.isascii() or not is_cyrillic(token):
        return token
    if _LEVEL.fullmatch(token):
        return token.translate(_TO_LATIN)
    if not is_latin(token):
        return token
    # The alphabet of most letters was meant, if the others have a twin there; else the other one.
    latin = len(_LATIN.findall(token))
    tables = [_TO_CYRILLIC, _TO_LATIN]
    if 2 * latin > latin + len(_CYRILLIC.findall(token)):
        tables.reverse()
    for table in tables:
        corrected = token.translate(table)
        if not (is_cyrillic(corrected) and is_latin(corrected)):
            return corrected
    return token


@lru_cache(maxsize=16_384)
def look(token: str) -> str | None:
    """The word in Latin letters, if it looks the same in both alphabets: ІТ and IT, 1С and 1C."""
    if _LOOKALIKE.fullmatch(token) and not token.isdigit():
        return token.translate(_TO_LATIN)
    return None


def in_other_alphabet(shape: str) -> str:
    """What looks like this in Cyrillic letters."""
    return shape.translate(_TO_CYRILLIC)
