"""From a tutor's facts to the rows strangers read. Pure: asks no database, so it can run anywhere.

Everything but the id and the moment of registration is made from the dumped card, so nothing
hidden can get into a column, the search document, the score or the ETag.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from common.http.conditional import strong_etag
from common.text import TsvectorBuilder
from profiles.public.filter_lexemes import filter_lexemes
from profiles.public.privacy import (
    ORIGINS,
    REGISTERED,
    Card,
    Facts,
    dump_card,
    is_listed,
)
from profiles.public.score import score
from profiles.public.search_document import PublicSearch
from profiles.public.vocabulary import words_of
from profiles.subjects import search_words, subject_code

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# The fields that can be searched, and the marks of their words.
SEARCHED = {name: origin.marks for name, origin in ORIGINS.items() if origin.marks is not None}
SEARCH_COPIES = [
    column.name for column in PublicSearch.__table__.columns if column.name not in ("tier", "words")
]


class PublicRow(NamedTuple):
    """The values of a `PublicTutor` by column name, those of its `PublicSearch` but for the tier,
    the codes of the subjects it is under, and the words that its readers may mistype.
    """

    values: dict[str, Any]
    search: dict[str, Any]
    subject_codes: tuple[str, ...]
    words: frozenset[str]


def public_row(facts: Facts) -> PublicRow | None:
    """All that is public of a tutor; None when the tutor is not listed."""
    if not is_listed(facts):
        return None
    card = dump_card(facts)
    codes = tuple(sorted({subject_code(subject) for subject in card["subjects"]}))
    text = orjson.dumps(card).decode()
    values = {
        "tutor_id": card["id"],
        "registered_us": (facts[REGISTERED.key] - EPOCH) // MICROSECOND,
        "card": text,
        "etag": strong_etag(text),
        "score": score(card),
    }
    for name, origin in ORIGINS.items():
        if origin.column is not None:
            values[origin.column] = origin.stored(card[name])
    search = {name: values[name] for name in SEARCH_COPIES}
    search["words"] = _search_document(card, codes)
    return PublicRow(values, search, codes, words_of(card))


def _search_document(card: Card, codes: tuple[str, ...]) -> str:
    """The words of everything that can be searched, and the filters' lexemes."""
    document = TsvectorBuilder()
    for name, marks in SEARCHED.items():
        for text in _texts(card[name]):
            document.add(text, marks)
        if name == "subjects":
            # The catalogue's names, so that a subject is found in the other languages too.
            for code in codes:
                for text in search_words(code):
                    document.add(text, marks)
    for lexeme in filter_lexemes(card, codes):
        document.add_lexeme(lexeme)
    return document.text()


def _texts(value: str | list[str] | None) -> list[str]:
    if isinstance(value, list):
        return value
    return [value] if value else []
