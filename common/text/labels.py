"""One spelling for texts that people name a thing by: to compare them, and to show the thing by."""

import re
import unicodedata
from functools import lru_cache

from common.text.stemming.ukrainian import is_known
from common.text.tokens import (
    in_one_alphabet,
    in_other_alphabet,
    is_sign,
    look,
    normalise,
)

_WORD = re.compile(r"[^\W_]+")
# Stands for a sign while the text around it is normalised.
_PLACEHOLDER = "\ue000"
# In letters: макраме.
LONG_WORD = 6


def one_spelling(text: str) -> str:
    """The text as its owner wrote it, signs such as № and ² included, but for what nobody sees or means.

    In lower case, with single spaces, one apostrophe, nothing invisible, and each word in one alphabet. A
    word that looks the same in both is Ukrainian if the dictionary has it or it is long, as hardly any
    English word of these letters is, else Latin. Stable when repeated.
    """
    while (simpler := _simplify(text)) != text:
        text = simpler
    return text


def _simplify(text: str) -> str:
    # Ⓐ and ⓐ differ by case alone.
    text = text.casefold()
    signs = [character for character in text.replace(_PLACEHOLDER, "") if is_sign(character)]
    covered = "".join(
        _PLACEHOLDER if is_sign(each) else each for each in text if each != _PLACEHOLDER
    )
    words = _WORD.sub(lambda word: _one_word(word[0]), normalise(covered))
    found = iter(signs)
    whole = "".join(next(found) if each == _PLACEHOLDER else each for each in words)
    return " ".join(unicodedata.normalize("NFC", whole).split())


@lru_cache(maxsize=4_096)
def _one_word(word: str) -> str:
    one = in_one_alphabet(word)
    shape = look(one)
    if shape is None or len(one) == 1:
        return one
    ukrainian = in_other_alphabet(shape)
    return ukrainian if len(one) >= LONG_WORD or is_known(ukrainian) else shape
