"""Words typed with the keyboard in the other layout: fyuksqcmrf for англійська, утпдшір for english."""

import itertools
import re
from functools import lru_cache

from common.text.tokens import MAX_TOKEN, is_cyrillic
from common.text.ukrainian import is_known

_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.\\"
_LETTERS = "йцукенгшщзхїфівапролджєячсмитьбюґ"
_TO_UKRAINIAN = str.maketrans(_KEYS, _LETTERS)
# Letters of the Russian layout stand on the same keys.
_TO_ENGLISH = str.maketrans(_LETTERS + "ыэъё", _KEYS + "s']'")

_SHORTEST = 3
_UKRAINIAN_WORD = re.compile(r"(?=.*[аеєиіїоуюя])[абвгґдеєжзиіїйклмнопрстуфхцчшщьюя]+")
_ENGLISH_WORD = re.compile(r"(?=.*[aeiouy])[a-z]+")
_END = ",.;:!?"
_MOST_DOUBTS = 4


def other_layout(text: str) -> str:
    """What the same keys type in the other layout, word by word, and in lower case."""
    return " ".join(_switched(word) for word in text.lower().split())


@lru_cache(maxsize=4_096)
def meant_instead(typed: str, is_unfinished: bool = False) -> str | None:
    """The word in the other layout if what was typed, between two spaces, is likelier to be that.

    A Ukrainian word must be one, unless it is unfinished; what is not a Ukrainian word may be an English one.
    """
    if len(typed) > MAX_TOKEN:
        return None
    bare = typed.rstrip(_END)
    if is_cyrillic(typed):
        word = _switched(bare)
        return word if _is_english(word) and not is_known(bare) else None
    readings = [word for word in (_switched(typed), _switched(bare)) if _is_ukrainian(word)]
    for word in readings:
        if is_known(word):
            return word
    return readings[-1] if readings and is_unfinished else None


def _is_ukrainian(word: str) -> bool:
    return len(word) >= _SHORTEST and word[0] != "ь" and _UKRAINIAN_WORD.fullmatch(word) is not None


def _is_english(word: str) -> bool:
    return len(word) >= _SHORTEST and _ENGLISH_WORD.fullmatch(word) is not None


def _switched(word: str) -> str:
    if is_cyrillic(word):
        return word.translate(_TO_ENGLISH)
    ukrainian = word.translate(_TO_UKRAINIAN)
    return next(filter(is_known, _with_either_i(ukrainian)), ukrainian)


def _with_either_i(word: str) -> list[str]:
    """The word with each и also read as і: whoever grew up with the Russian layout looks for і on b."""
    doubts = [place for place, letter in enumerate(word) if letter == "и"][:_MOST_DOUBTS]
    readings = []
    for letters in itertools.product("иі", repeat=len(doubts)):
        reading = list(word)
        for place, letter in zip(doubts, letters, strict=True):
            reading[place] = letter
        readings.append("".join(reading))
    return readings
