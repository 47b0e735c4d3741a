"""Words that a student uses one for another, in three languages; the groups are data in synonyms.json."""

import json
from functools import lru_cache
from pathlib import Path

from common.text.lexemes import ENGLISH, POLISH, UKRAINIAN, lexemes
from common.text.tokens import normalise, units

GROUPS = Path(__file__).with_name("synonyms.json")
_STEMS_OF = {"uk": UKRAINIAN, "en": ENGLISH, "pl": POLISH}

# The lexemes that stand for each word of a name; a name is one word or several in a row.
Name = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=1)
def _groups() -> tuple[dict[str, set[int]], list[tuple[Name, ...]]]:
    """Which groups a lexeme calls, and the names in each group."""
    called_by: dict[str, set[int]] = {}
    groups: list[tuple[Name, ...]] = []
    for number, group in enumerate(json.loads(GROUPS.read_text(encoding="utf-8"))):
        names = [_name(text, language) for language, texts in group.items() for text in texts]
        groups.append(tuple(dict.fromkeys(names)))
        for name in names:
            if len(name) == 1:
                for lexeme in name[0]:
                    called_by.setdefault(lexeme, set()).add(number)
    return called_by, groups


def _name(text: str, language: str) -> Name:
    words = (part for unit in units(normalise(text)) for part in unit.parts)
    return tuple(_stored_forms(word, _STEMS_OF[language]) for word in words)


def _stored_forms(word: str, mark: str) -> tuple[str, ...]:
    """The stems of the word's own language: every document with the word has them. Without any, the word."""
    forms = lexemes(word)
    return tuple(form for form in forms if form.startswith(mark)) or forms[:1]


@lru_cache(maxsize=4096)
def synonyms(word: str) -> tuple[Name, ...]:
    """The names that mean the same as a word, in any form; none for most words."""
    called_by, groups = _groups()
    own = set(lexemes(word))
    called = sorted({number for lexeme in own for number in called_by.get(lexeme, ())})
    names = dict.fromkeys(name for number in called for name in groups[number])
    return tuple(name for name in names if len(name) > 1 or own.isdisjoint(name[0]))
