"""A page whose tutors, or at least whose count, the process's bitmaps have decided.

Each statement names the revision with its rows, of one snapshot: (revision, card, keys), and a row
without a card where there is nobody.
"""

from collections.abc import Sequence

from common.http.pagination import Position
from marketplace.listing.query import ORDERINGS, TutorQuery
from marketplace.listing.statements import Statement
from marketplace.listing.statements.cards import CARD, HASHED_CARD
from marketplace.listing.statements.filters import beyond, source_of
from profiles.public.models import REVISION


def scored_cards_statement(ids: Sequence[int]) -> Statement:
    """The cards of these tutors, in no order, with the keys of the default one."""
    page = (
        f"select by_score, tutor_id, {HASHED_CARD} from public_tutors"
        " where tutor_id = any(%(ids)s::int[])"
    )
    return (
        f"select ({REVISION}), card, by_score, tutor_id from (select) one"
        f" left join ({page}) page on true",
        {"ids": list(ids)},
    )


def cards_statement(
    query: TutorQuery, ids: Sequence[int], position: Position | None, limit: int
) -> Statement:
    """The first of these tutors from a position on, in the query's ordering."""
    if not ids:
        return f"select ({REVISION}), null", {}
    key = ORDERINGS[query.order]
    condition, order, place = beyond(key, position)
    page = (
        f"select {key}, tutor_id, {HASHED_CARD} from public_tutors"
        f" where tutor_id = any(%(ids)s::int[]) and {condition} order by {order} limit %(limit)s"
    )
    return (
        f"select ({REVISION}), card, {key}, tutor_id from (select) one"
        f" left join ({page}) page on true order by {order}",
        place | {"ids": list(ids), "limit": limit},
    )


def walking_statement(query: TutorQuery, position: Position | None, limit: int) -> Statement:
    """The first who pass the filters, along the ordering's index, without counting them."""
    source = source_of(query)
    key = ORDERINGS[query.order]
    condition, order, place = beyond(key, position)
    page = source.walk(order, "%(limit)s", condition)
    return (
        f"select ({REVISION}), {CARD}, {key}, tutor_id from (select) one"
        f" left join {page} page on true order by {order}",
        source.values | place | {"limit": limit},
    )
