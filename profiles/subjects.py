"""The catalogue of subjects: one code for whatever a person calls a subject, in any of three languages."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from common.text import fold, lexemes, look, one_spelling, tokens
from common.text.tokens import normalise, units

CATALOGUE = Path(__file__).resolve().parent.parent / "fixtures" / "subjects.json"
LANGUAGES = ("uk", "en", "pl")
# In characters; a compatibility form can be many times as long as what its owner wrote.
LONGEST_CODE = 100


@dataclass(frozen=True)
class Subject:
    """`aliases` are synonyms of the names. `also` maps to this subject too but is narrower or misspelt, so it
    is not searched by: who searches for anatomy does not want every teacher of biology.
    """

    code: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every text that names this subject when it stands alone."""
        return (self.code, *self.names.values(), *self.aliases, *self.also)


def read_catalogue(path: Path = CATALOGUE) -> dict[str, Subject]:
    return {
        entry["code"]: Subject(
            entry["code"],
            MappingProxyType(entry["names"]),
            tuple(entry["aliases"]),
            tuple(entry["also"]),
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))
    }


def spelling(text: str) -> str:
    """The comparison key of a name: without case, punctuation, diacritics and odd spaces."""
    return " ".join(fold(part) for unit in units(normalise(text)) for part in unit.parts)


def _look(spelled: str) -> str:
    return " ".join(look(word) or word for word in spelled.split())


SUBJECTS: Mapping[str, Subject] = MappingProxyType(read_catalogue())
_CODES = {
    spelling(name): subject.code for subject in SUBJECTS.values() for name in subject.all_names
}
# IT typed in Cyrillic letters is the same subject.
_CODES_BY_LOOK = {_look(name): code for name, code in _CODES.items()}


@lru_cache(maxsize=4096)
def find_code(text: str) -> str | None:
    """The code of the subject that a text names; None when the catalogue knows none."""
    spelled = spelling(text)
    return _CODES.get(spelled) or _CODES_BY_LOOK.get(_look(spelled))


def subject_code(text: str) -> str:
    """The catalogue's code, or for a subject outside it the text itself, normalised.

    Its own code's code is the code: what names a subject can be filtered by. So it has no comma,
    which separates the values of a filter. Empty where nothing of the text is visible.
    """
    return find_code(text) or _own_code(text)


def _own_code(text: str) -> str:
    return " ".join(one_spelling(text).replace(",", " ").split())[:LONGEST_CODE].rstrip()


def catalogue_codes(subjects: Iterable[str]) -> list[str | None]:
    """The code of each subject; None for one outside the catalogue."""
    return [find_code(subject) for subject in subjects]


def label(code: str) -> dict[str, str]:
    """A code's name in each language; a code outside the catalogue is its own name."""
    subject = SUBJECTS.get(code)
    return dict(subject.names) if subject else dict.fromkeys(LANGUAGES, code)


@lru_cache(maxsize=1024)
def search_words(code: str) -> tuple[str, ...]:
    """Names and aliases for the document of a tutor who teaches the subject, so that any language finds it.

    An alias that only inflects what is already there adds nothing to search by and is left out.
    """
    subject = SUBJECTS.get(code)
    if subject is None:
        return ()
    chosen: list[str] = []
    known: set[str] = set()
    for name in dict.fromkeys((*subject.names.values(), *subject.aliases)):
        words = [set(lexemes(token)) for token in tokens(name)]
        if any(known.isdisjoint(word) for word in words):
            chosen.append(name)
            known.update(*words)
    return tuple(chosen)
