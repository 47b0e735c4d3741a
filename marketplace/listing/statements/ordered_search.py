"""A page of words in an ordering of the visitor's own: counted first, then gathered or walked."""

from common.http.pagination import Position
from marketplace.listing.query import ORDERINGS, TutorQuery
from marketplace.listing.statements import Statement
from marketplace.listing.statements.cards import with_cards
from marketplace.listing.statements.filters import beyond, source_of
from marketplace.listing.statements.words import capped_matches, match_condition
from profiles.public.models import REVISION, SORT_KEYS
from profiles.public.search.models import TIERS


def count_statement(query: TutorQuery, cap: int) -> Statement:
    """How many are found, up to `cap`: all, and in the tiers but the last; and the revision.

    What the latter are compared with is the number of rows there: how common the matches are.
    """
    matches, values = capped_matches(query)
    return (
        f"select count(*)::int, (count(*) filter (where tier < {TIERS[-1]}))::int, ({REVISION})"
        f" from {matches} counted",
        values | {"cap": cap},
    )


def gathering_statement(query: TutorQuery, position: Position | None, limit: int) -> Statement:
    """A page in an ordering of the visitor's own, of words that few have: all matches, sorted."""
    condition, values = match_condition(query)
    key = ORDERINGS[query.order]
    matches = " union all ".join(
        f"select {SORT_KEYS[key][1]} as {key}, tutor_id from public_search_{tier} where {condition}"
        for tier in TIERS
    )
    is_beyond, order, place = beyond(key, position)
    page = f"select * from ({matches}) found where {is_beyond} order by {order} limit %(limit)s"
    return with_cards(page, (key, "tutor_id")), values | place | {"limit": limit}


def walking_statement(
    query: TutorQuery, position: Position | None, limit: int, farthest: int
) -> Statement:
    """The same of words that many have: along the ordering's index, asking each row for them.

    It gives up after `farthest` rows, perhaps with less than a page.
    """
    condition, values = match_condition(query)
    key = ORDERINGS[query.order]
    source = source_of(query)
    is_beyond, order, place = beyond(key, position)
    page = f"""
        select {key}, tutor_id from {source.walk(order, "%(farthest)s", is_beyond)} walked
        where (select {condition} from public_search search
            where search.tutor_id = walked.tutor_id)
        order by {order} limit %(limit)s"""
    values |= source.values | place | {"limit": limit, "farthest": farthest}
    return with_cards(page, (key, "tutor_id")), values
