"""Ukrainian words to stems: a dictionary's base form, cut by endings of our own."""

import re
import threading
from collections.abc import Mapping
from functools import lru_cache

from simplemma.strategies.dictionaries import StreamDictionaryFactory

# Nominal endings. Verbs are left to the dictionary; a word it lacks is mostly a name or a noun.
_ENDINGS = """
а я у ю і ї о е є и ь й ою ею єю ією ого ому ої ій їй их їх им їм ими їми ам ям ами ями ах ях ів їв ом ем єм
ові еві єві ію ія ії іям іями іях ість істю
""".split()
_BY_LENGTH = tuple(
    (length, frozenset(ending for ending in _ENDINGS if len(ending) == length))
    for length in sorted({len(ending) for ending in _ENDINGS}, reverse=True)
)
_MIN_STEM_LENGTH = 3
# Vowel-zero alternation: рівень, рівня; студенток, студентка.
_VOWEL_ZERO = {"ок": "к", "ень": "н", "ець": "ц"}
_IRREGULAR = {
    "рік": "рок",
    **dict.fromkeys("діти дітей дітям дітьми дітях".split(), "дитин"),
    **dict.fromkeys("дня дню днем дні днів дням днями днях".split(), "ден"),
    **dict.fromkeys("їду їдеш їде їдемо їдете їдуть їдь".split(), "їхат"),
    "гість": "гост",
    "мусі": "мух",
    "ходжу": "ходит",
    "бій": "бой",
    "сни": "сон",
    "льоді": "лід",
    "спір": "спор",
    "кіл": "кол",
    "бійці": "бійц",
    "боєць": "бійц",
    **dict.fromkeys(("мати", "матір", "матір'ю"), "матер"),
}
_CONSONANTS = "бвгґджзйклмнпрстфхцчшщ"
_CLOSED_SYLLABLE = re.compile(rf"(.*[{_CONSONANTS}])і([{_CONSONANTS}]ь?)")
_DOUBLED_CONSONANT = re.compile(rf"(.+([{_CONSONANTS}]))\2ю")

_lock = threading.Lock()
_dictionary: Mapping[str, str] | None = None


def load_dictionary() -> Mapping[str, str]:
    """The dictionary, loaded on first use (0.3 s, 10 MB of memory), once per process."""
    global _dictionary
    with _lock:
        if _dictionary is None:
            _dictionary = StreamDictionaryFactory().get_dictionary("uk")
        return _dictionary


@lru_cache(maxsize=16_384)
def lemma(word: str) -> str | None:
    """The dictionary's base form of a lower-case word; None for a word it lacks."""
    dictionary = load_dictionary()
    return dictionary.get(word) or dictionary.get(word.capitalize())


def is_known(word: str) -> bool:
    return lemma(word) is not None


def stem(word: str) -> str:
    """The word without its ending, never shorter than three letters."""
    for length, endings in _BY_LENGTH:
        ending, left = word[-length:], word[:-length]
        if len(left) >= _MIN_STEM_LENGTH and ending in endings:
            # математика, математиці
            return left[:-1] + "к" if ending == "і" and left[-1] == "ц" else left
    return word


def stems(word: str) -> tuple[str, ...]:
    """Every stem that stands for a word: of its base form, and of itself.

    Both, because the dictionary takes математику for a form of математик, and the endings alone do not join
    школа with шкіл.
    """
    known = lemma(word)
    base = (known or word).lower()
    found = [stem(base), stem(word), *_without_vowel(base), *_without_vowel(word)]
    if word in _IRREGULAR:
        found.append(_IRREGULAR[word])
    found += [
        stem(each) for each in (*_with_open_vowel(base, known), *_with_open_vowel(word, known))
    ]
    if word.endswith(("зі", "сі")) and len(word) > _MIN_STEM_LENGTH:
        # нозі, мусі
        found.append(word[:-2] + ("г" if word[-2] == "з" else "х"))
    if (doubled := _DOUBLED_CONSONANT.fullmatch(word)) and not base.endswith("я"):
        # осінню
        found.append(stem(doubled[1]))
    return tuple(dict.fromkeys(found))


def _with_open_vowel(word: str, known: str | None) -> list[str]:
    """The word with о or е for і of its closed last syllable: стіл, стола; шкіл, школа; Кривоніс, Кривоноса.

    Of a word in the dictionary only if that has forms of it with the vowel; of others, which are mostly
    names, both.
    """
    closed = _CLOSED_SYLLABLE.fullmatch(word)
    if not closed:
        return []
    readings = [f"{closed[1]}{vowel}{closed[2]}" for vowel in "ое"]
    if known is None:
        return readings
    return [each for each in readings if _has_form_with(each.removesuffix("ь"), word, known)]


def _has_form_with(reading: str, word: str, known: str) -> bool:
    if any(lemma(reading + ending) == word for ending in ("а", "у", "я", "ю", "і", "и")):
        return True
    # The genitive plural of a noun in -а or -о.
    return known != word and any(lemma(each) == each for each in (reading + "а", reading + "о"))


def _without_vowel(word: str) -> list[str]:
    return [
        word.removesuffix(ending) + consonant
        for ending, consonant in _VOWEL_ZERO.items()
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM_LENGTH
    ]
