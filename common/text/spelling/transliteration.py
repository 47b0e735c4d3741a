"""Names written in the other alphabet: Bondarenko finds Бондаренко, and Кларк finds Clark.

Romanisations differ by country and by habit (Hnatiuk, Gnatiuk, Hnatyuk), so no letters are converted: both
writings are reduced to one key that keeps what all of them agree on. The rules cover the Ukrainian national
romanisation (Cabinet resolution 55 of 2010), Polish spelling, and common English ones.

A name is stored under the key of its own alphabet's opposite, and only words of that alphabet look there:
within one alphabet names are not compared by keys.
"""

import re
from functools import lru_cache

from common.text.tokens import fold, is_cyrillic, is_latin

# First character of a stored key; the second says who looks for it: Latin words or Cyrillic ones.
KEY = "&"
_MIN_LETTERS = 3
_CYRILLIC = str.maketrans(
    dict(
        zip(
            "абвгґдеєжзиіїйклмнопрстуфхцчшыэё",
            "abvhhdeezziiiiklmnoprstufhccsieo",
            strict=True,
        )
    )
    | {"щ": "sc", "ю": "iu", "я": "ia", "ь": None, "ъ": None}
)
# `ch` is both ч (English, and the romanisation of Ukrainian) and х (Polish).
_LATIN = {
    **{
        "shch": "sC",
        "szcz": "sC",
        "sch": "s",
        "tch": "C",
        "zgh": "zh",
        "zh": "z",
        "kh": "h",
    },
    **{
        "gh": "h",
        "cz": "C",
        "sh": "s",
        "sz": "s",
        "rz": "z",
        "ts": "C",
        "tz": "C",
        "ck": "k",
    },
    **{
        "ph": "f",
        "th": "t",
        "ch": "#",
        "ce": "Ce",
        "ci": "Ci",
        "cy": "Ci",
        "c": "k",
        "x": "ks",
    },
    **{"q": "k", "w": "v", "y": "i", "j": "i", "g": "h"},
}
_LATIN_PART = re.compile("|".join(sorted(_LATIN, key=len, reverse=True)))
_POLISH_SPELLING = {"ом": "а", "ем": "е", "єм": "є", "цьк": "к", "цк": "к"}
_POLISH_SOUND = re.compile("(?:ом|[еє]м)(?=[бп])|цьк|цк")
_SOUND_OF_LETTERS = {"ą": "om", "ę": "em", "ck": "tsk", "ó": "u"}
_POLISH_LETTERS = re.compile("[ąę](?=[bp])|ck|ó")
_REPEATED = re.compile(r"(.)\1+")


def stored_keys(token: str) -> tuple[str, ...]:
    """The lexemes under which a word of a name is found in the other alphabet."""
    return tuple(KEY + ("l" if is_cyrillic(token) else "c") + key for key in _keys(token))


def sought_keys(token: str) -> tuple[str, ...]:
    """The lexemes of names in the other alphabet that a word of a query may stand for."""
    keys = dict.fromkeys((*_keys(token), *_keys(_read_as_polish(token))))
    return tuple(KEY + ("c" if is_cyrillic(token) else "l") + key for key in keys)


def _read_as_polish(token: str) -> str:
    """The word as it meets a name that Poles write by sound and others by letters.

    Their c before k is no English ck (Lewicka, Левицька; Nowicki, Новицький), ó is у (Wójcik, Вуйцік), and ą
    and ę are two letters before б and п (Dąbrowski, Домбровський).
    """
    if is_cyrillic(token):
        return _POLISH_SOUND.sub(lambda sound: _POLISH_SPELLING[sound[0]], token)
    return _POLISH_LETTERS.sub(lambda letters: _SOUND_OF_LETTERS[letters[0]], token)


@lru_cache(maxsize=8_192)
def _keys(token: str) -> tuple[str, ...]:
    word = fold(token)
    if len(word) < _MIN_LETTERS or not word.isalpha():
        return ()
    if is_cyrillic(word):
        readings = [word.translate(_CYRILLIC)]
    elif is_latin(word):
        reduced = _LATIN_PART.sub(lambda part: _LATIN[part[0]], word)
        readings = [reduced.replace("#", sound).lower() for sound in ("c", "h")]
    else:
        return ()
    keys = (_REPEATED.sub(r"\1", reading).replace("ie", "e") for reading in readings)
    return tuple(dict.fromkeys(key for key in keys if len(key) >= _MIN_LETTERS))
