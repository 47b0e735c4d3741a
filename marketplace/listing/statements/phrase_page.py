"""A page of a query that is decided by where words stand, among the best candidates for it."""

from common.http.pagination import Position
from marketplace.listing.query import BEST, ORDERINGS, RELEVANCE, TutorQuery
from marketplace.listing.statements import Statement, Values
from marketplace.listing.statements.candidates import (
    PHRASE_BUDGET,
    best_candidates,
    candidates_tsquery,
)
from marketplace.listing.statements.cards import CARD
from marketplace.listing.statements.relevance_page import RELEVANCE_KEYS
from marketplace.listing.statements.words import (
    exact_conditions,
    match_tsquery,
    relevance_classes,
)
from profiles.public.models import REVISION, SORT_KEYS

COLUMNS = "tutor_id, score, hourly_rate, experience_years, rating, registered_us, words"


def phrase_statement(query: TutorQuery, position: Position | None, limit: int) -> Statement:
    """Rows as of `relevance_statement`, each after whether there were more candidates than the
    budget, so that there may be more matches than were counted."""
    conditions, values = exact_conditions(query.filters)
    values["candidates"] = candidates_tsquery(query.words, query.filters)
    values["found"] = match_tsquery(query.words, query.filters)
    values |= {"budget": PHRASE_BUDGET + 1, "limit": limit}
    keys, columns, class_values = _keys(query)
    values |= class_values
    beyond, direction = "true", "asc"
    if position is not None:
        place = {f"at_{number}": value for number, value in enumerate(position.key)}
        values |= place
        side, direction = ("<", "desc") if position.backward else (">", "asc")
        beyond = f"({', '.join(keys)}) {side} ({', '.join(f'%({name})s' for name in place)})"
    order = ", ".join(f"{key} {direction}" for key in keys)
    condition = " and ".join(["words @@ %(candidates)s::tsquery", *conditions])
    statement = f"""
        with candidates as materialized {best_candidates(COLUMNS, condition, "%(budget)s")},
        found as materialized (
            select {columns} from candidates where words @@ %(found)s::tsquery
        ),
        counted as (
            select (select count(*) = %(budget)s from candidates) as is_cut,
                (select count(*)::int from found) as n
        ),
        page as (select * from found where {beyond} order by {order} limit %(limit)s)
        select is_cut, n, ({REVISION}), {CARD}, {', '.join(keys)}
        from counted left join page on true order by {order}"""
    return statement, values


def _keys(query: TutorQuery) -> tuple[tuple[str, ...], str, Values]:
    """The keys of the query's ordering, the columns that hold them, and the values of these."""
    if query.order not in (RELEVANCE, BEST):
        key = ORDERINGS[query.order]
        return (key, "tutor_id"), f"{SORT_KEYS[key][1]} as {key}, tutor_id", {}
    *classes, last = range(len(relevance_classes(query.words)))
    values = {
        f"class_{number}": found.tsquery
        for number, found in enumerate(relevance_classes(query.words)[:-1])
    }
    cases = " ".join(
        f"when words @@ %(class_{number})s::tsquery then {number}" for number in classes
    )
    rank = f"case {cases} else {last} end" if cases else str(last)
    return RELEVANCE_KEYS, f"{rank} as class, -score as by_score, tutor_id", values
