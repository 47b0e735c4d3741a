"""From a tutor's profile values to the rows strangers read. Pure.

Everything but the id and the time of registration is made from the dumped card, so nothing
hidden can get into a column, the search document, the score or the ETag.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import orjson

from common.http.conditional import strong_etag
from common.text import TsvectorBuilder
from profiles.public.privacy import (
    ORIGINS,
    REGISTERED,
    ProfileValues,
    dump_card,
    is_listed,
)
from profiles.public.score import score
from profiles.public.search.document import search_document
from profiles.public.search.models import PublicSearch
from profiles.public.search.shared_terms import Terms
from profiles.subjects import subject_code

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SEARCH_COPIES = [
    column.name for column in PublicSearch.__table__.columns if column.name not in ("tier", "words")
]
# A public field, its column and what makes the column's value.
COLUMNS = [
    (name, origin.column, origin.to_column)
    for name, origin in ORIGINS.items()
    if origin.column is not None
]


class PublicRow(NamedTuple):
    """The values of a `PublicTutor` by column name, its search document, the codes of the subjects it
    is under, and the words it adds to the vocabulary.
    """

    values: dict[str, Any]
    document: TsvectorBuilder
    subject_codes: tuple[str, ...]
    words: frozenset[str]

    @property
    def search(self) -> dict[str, Any]:
        """The values of its `PublicSearch` but for the tier, the document as a literal."""
        copies = {name: self.values[name] for name in SEARCH_COPIES}
        return copies | {"words": self.document.text()}

    @property
    def terms(self) -> Terms:
        """What the row shares with others."""
        return Terms(self.words, frozenset(self.subject_codes))


def public_row(profile_values: ProfileValues) -> PublicRow | None:
    """All that is public of a tutor; None when the tutor is not listed."""
    if not is_listed(profile_values):
        return None
    card = dump_card(profile_values)
    codes = tuple(sorted({subject_code(subject) for subject in card["subjects"]} - {""}))
    text = orjson.dumps(card).decode()
    values = {
        "tutor_id": card["id"],
        "registered_us": (profile_values[REGISTERED.key] - EPOCH) // MICROSECOND,
        "card": text,
        "etag": strong_etag(text),
        "score": score(card),
    }
    for name, column, to_column in COLUMNS:
        values[column] = to_column(card[name])
    document, words = search_document(card, codes)
    return PublicRow(values, document, codes, words)
