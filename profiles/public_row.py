"""From a tutor's facts to the rows strangers read. Pure: asks no database, so it can run anywhere.

Everything but the id and the moment of registration is made from the dumped card, so nothing
hidden can get into a column, the search document, the score or the ETag.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from common.preconditions import strong_etag
from common.words import TsvectorBuilder
from profiles.filter_lexemes import filter_lexemes
from profiles.privacy import ORIGINS, REGISTERED, Card, Facts, dump_card, is_listed
from profiles.score import score
from profiles.subjects import search_words, subject_code

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

TITLE_WEIGHTS = ("A", "B")
# The fields that can be searched, name and headline first.
SEARCHED = sorted((origin.weight, name) for name, origin in ORIGINS.items() if origin.weight)


class PublicRow(NamedTuple):
    """The values of a `PublicTutor` by column name, and the codes of the subjects it is under."""

    values: dict[str, Any]
    subject_codes: tuple[str, ...]


def public_row(facts: Facts) -> PublicRow | None:
    """All that is public of a tutor; None when the tutor is not listed."""
    if not is_listed(facts):
        return None
    card = dump_card(facts)
    codes = tuple(sorted({subject_code(subject) for subject in card["subjects"]}))
    text = orjson.dumps(card).decode()
    title_words, words = _search_documents(card, codes)
    values = {
        "tutor_id": card["id"],
        "registered_us": (facts[REGISTERED.key] - EPOCH) // MICROSECOND,
        "card": text,
        "etag": strong_etag(text),
        "score": score(card),
        "title_words": title_words,
        "words": words,
    }
    for name, origin in ORIGINS.items():
        if origin.column is not None:
            values[origin.column] = origin.stored(card[name])
    return PublicRow(values, codes)


def _search_documents(card: Card, codes: tuple[str, ...]) -> tuple[str, str]:
    """The words of name and headline alone, and those of everything with the filters' lexemes."""
    document = TsvectorBuilder()
    for weight, name in SEARCHED:
        if weight in TITLE_WEIGHTS:
            _add(document, card[name], weight)
    title_words = document.text()
    for weight, name in SEARCHED:
        if weight not in TITLE_WEIGHTS:
            _add(document, card[name], weight)
        if name == "subjects":
            # The catalogue's names, so that a subject is found in the other languages too.
            _add(document, [word for code in codes for word in search_words(code)], weight)
    for lexeme in filter_lexemes(card, codes):
        document.add_lexeme(lexeme)
    return title_words, document.text()


def _add(document: TsvectorBuilder, value: str | list[str] | None, weight: str) -> None:
    for text in value if isinstance(value, list) else [value]:
        if text:
            document.add(text, weight)
