"""Words typed in the wrong keyboard layout: fyuksqcmrf for англійська, утпдшір for english."""

import itertools
import re
from functools import lru_cache

from common.text.stemming.ukrainian import is_known
from common.text.tokens import MAX_TOKEN, is_cyrillic

_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.\\"
_LETTERS = "йцукенгшщзхїфівапролджєячсмитьбюґ"
_TO_UKRAINIAN = str.maketrans(_KEYS, _LETTERS)
# Letters of the Russian layout stand on the same keys.
_TO_ENGLISH = str.maketrans(_LETTERS + "ыэъё", _KEYS + "s']'")

_MIN_LETTERS = 3
_UKRAINIAN_WORD = re.compile(r"(?=.*[аеєиіїоуюя])[абвгґдеєжзиіїйклмнопрстуфхцчшщьюя]+")
_ENGLISH_WORD = re.compile(r"(?=.*[aeiouy])[a-z]+")
_TRAILING_PUNCTUATION = ",.;:!?"
_MAX_AMBIGUOUS = 4


def other_layout(text: str) -> str:
    """What the same keys type in the other layout, word by word, and in lower case."""
    return " ".join(_switched(word) for word in text.lower().split())


def latin_keys(text: str) -> str:
    """The text with what the keys of its Cyrillic letters type on an English layout, letter by letter."""
    return text.translate(_TO_ENGLISH)


@lru_cache(maxsize=4_096)
def find_layout_variant(typed: str, is_unfinished: bool = False) -> str | None:
    """What the same keys type in the other layout, where that is the likelier reading; else None.

    `typed` is what stands between two spaces. A Ukrainian reading must be in the dictionary unless the word
    is unfinished; an English reading is offered for what the Ukrainian dictionary lacks.
    """
    if len(typed) > MAX_TOKEN:
        return None
    stripped = typed.rstrip(_TRAILING_PUNCTUATION)
    if is_cyrillic(typed):
        word = _switched(stripped)
        return word if _is_english(word) and not is_known(stripped) else None
    readings = [word for word in (_switched(typed), _switched(stripped)) if _is_ukrainian(word)]
    for word in readings:
        if is_known(word):
            return word
    return readings[-1] if readings and is_unfinished else None


def _is_ukrainian(word: str) -> bool:
    return (
        len(word) >= _MIN_LETTERS and word[0] != "ь" and _UKRAINIAN_WORD.fullmatch(word) is not None
    )


def _is_english(word: str) -> bool:
    return len(word) >= _MIN_LETTERS and _ENGLISH_WORD.fullmatch(word) is not None


def _switched(word: str) -> str:
    if is_cyrillic(word):
        return word.translate(_TO_ENGLISH)
    ukrainian = word.translate(_TO_UKRAINIAN)
    return next(filter(is_known, _with_either_i(ukrainian)), ukrainian)


def _with_either_i(word: str) -> list[str]:
    """Every reading of и as і: on the Russian layout the і of these words is typed with the key of и."""
    ambiguous = [place for place, letter in enumerate(word) if letter == "и"][:_MAX_AMBIGUOUS]
    readings = []
    for letters in itertools.product("иі", repeat=len(ambiguous)):
        reading = list(word)
        for place, letter in zip(ambiguous, letters, strict=True):
            reading[place] = letter
        readings.append("".join(reading))
    return readings
