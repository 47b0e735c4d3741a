"""Why the rows of a page stand in their order, told beside each card on request.

Only what the card and its search row show is looked at, and these hold nothing that is hidden.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from common.http.conditional import strong_etag
from marketplace.listing.query import TutorQuery
from marketplace.listing.rows import Row, card_of
from marketplace.listing.statements.explanation import explanation_statement
from marketplace.listing.statements.words import relevance_classes
from profiles.public.replica_reads import read_public_rows
from profiles.public.score import score_parts


class ExplainedCard(NamedTuple):
    """A card with its explanation as ready JSON, and the hash of it."""

    text: bytes
    etag: bytes


class Match(NamedTuple):
    """The class in which a tutor matches, and the fields that have a word of the query."""

    class_name: str | None
    fields: list[str]


NO_MATCH = Match(None, [])


def explain(query: TutorQuery, rows: Sequence[Row]) -> list[ExplainedCard]:
    """The cards of a page with `class`, `matched` and `score_parts` after their own members.

    A row is of the page's state or a later one; who is no longer listed by then matches nothing.
    Raises psycopg2.Error.
    """
    cards = [orjson.loads(card_of(row)) for row in rows]
    matches = _read_matches(query, [card["id"] for card in cards])
    return [_explained(card, matches.get(card["id"], NO_MATCH)) for card in cards]


def _read_matches(query: TutorQuery, ids: Sequence[int]) -> dict[int, Match]:
    """By id; without words to look for nothing is read."""
    if not ids or query.words.is_empty or query.words.only_excludes:
        return {}
    names = [each.name for each in relevance_classes(query.words)]
    return {
        tutor_id: Match(None if number is None else names[number], fields)
        for tutor_id, number, fields in read_public_rows(*explanation_statement(query, ids))
    }


def _explained(card: dict[str, Any], match: Match) -> ExplainedCard:
    parts = [part._asdict() for part in score_parts(card)]
    explanation = {"class": match.class_name, "matched": match.fields, "score_parts": parts}
    text = orjson.dumps(card | explanation)
    return ExplainedCard(text, strong_etag(text).encode())
