"""The judged set: small fixed corpora of tutors, and for each query how well each tutor answers it.

The judgements are a person's, made from the texts of the cards, before anything was searched for:

- own: the card has the words asked for, in any form, gender, spelling, alphabet or keyboard layout;
- synonym: it has what the same subject, exam or audience is called otherwise, or in another language;
- related: the tutor teaches something near (geometry for mathematics, essays for literature), or mentions
  the thing in passing in another language;
- wrong: everybody else, who is not listed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "data" / "judged"


class Grade(IntEnum):
    WRONG = 0
    RELATED = 1
    SYNONYM = 2
    OWN = 3


@dataclass(frozen=True)
class JudgedQuery:
    """`language` is what the person types in: uk, en, pl or mixed."""

    text: str
    kind: str
    language: str
    grades: Mapping[str, Grade]


@dataclass(frozen=True)
class Corpus:
    """Tutors by name, with the values of their profiles that matter."""

    name: str
    tutors: Mapping[str, Mapping[str, Any]]
    queries: tuple[JudgedQuery, ...]


def read_corpora() -> list[Corpus]:
    return [_read(file) for file in sorted(FOLDER.glob("*.json"))]


def _read(file: Path) -> Corpus:
    stored = json.loads(file.read_text(encoding="utf-8"))
    queries = tuple(query for group in stored["groups"] for query in _queries(group))
    return Corpus(file.stem, stored["tutors"], queries)


def _queries(group: Mapping[str, Any]) -> Iterator[JudgedQuery]:
    grades = {
        name: grade
        for grade in (Grade.OWN, Grade.SYNONYM, Grade.RELATED)
        for name in group.get(grade.name.lower(), ())
    }
    for text in group["queries"]:
        yield JudgedQuery(text, group["kind"], group["language"], grades)
