"""A page of the most relevant: class by class, tier by tier, by score and id within."""

from collections.abc import Sequence

from common.http.pagination import Position
from marketplace.listing.query import COUNTED_UP_TO, TutorQuery
from marketplace.listing.statements import Statement
from marketplace.listing.statements.candidates import PHRASE_BUDGET
from marketplace.listing.statements.cards import CARD
from marketplace.listing.statements.words import (
    capped_matches,
    exact_conditions,
    exclusions_and_filters,
    relevance_classes,
)
from profiles.public.models import REVISION
from profiles.public.search.models import TIERS

RELEVANCE_KEYS = ("class", "by_score", "tutor_id")

SEARCH_EXPLANATION = (
    "`relevance` goes by where the words were found: all of them in name and headline; all of them"
    " in name, headline and subjects; some of them there and the others in the bio; all of them in"
    " the bio. In each place, who has the words themselves, in any form, comes before who has a"
    " synonym or a translation of one. Among equals the better profile comes first, by the score"
    " above. A word counts in any form, as its synonym, and in the other keyboard layout; names"
    " also in the other alphabet. Words in quotation marks count as they are written, and are"
    f" looked for in the {PHRASE_BUDGET:,} best profiles that have them all: where there are more,"
    " `count_capped` is true. Where nobody has one of several words, the list is that of the corrected"
    " query, which `did_you_mean` names. `explain=true` says of each row why it stands where it does."
)


def relevance_statement(query: TutorQuery, position: Position | None, limit: int) -> Statement:
    """A page of the most relevant: class by class, tier by tier, by score and id within. With
    each row come the number of all matches, up to one more than is reported, and the revision.
    """
    conditions, values = exact_conditions(query.filters)
    matches, found_values = capped_matches(query)
    values |= found_values | {"limit": limit, "cap": COUNTED_UP_TO + 1}
    if position is not None:
        values |= dict(zip(("at_class", "at_score", "at_id"), position.key, strict=True))
    rest, branches = exclusions_and_filters(query.words, query.filters), []
    for number, found in enumerate(relevance_classes(query.words)):
        better = "".join(f" & !({each})" for each in found.excluded)
        values[f"class_{number}"] = f"({found.tsquery}){better}{rest}"
        if position is None or _reaches(position, number):
            branches += [_branch(number, tier, conditions, position) for tier in TIERS]
    if position is not None and position.backward:
        branches.reverse()
    direction = "desc" if position is not None and position.backward else "asc"
    order = ", ".join(f"{key} {direction}" for key in RELEVANCE_KEYS)
    # Where no tutor is found, no class and no tier is looked into.
    statement = f"""
        with counted as materialized (select count(*)::int as n from {matches} counted),
        page as materialized (
            select * from ({' union all '.join(branches)}) branches
            where (select n from counted) > 0 limit %(limit)s
        )
        select n, ({REVISION}), {CARD}, {', '.join(RELEVANCE_KEYS)}
        from counted left join page on true order by {order}"""
    return statement, values


def _reaches(position: Position, number: int) -> bool:
    """Whether anybody of that class can be beyond the position."""
    at = int(position.key[0])
    return number <= at if position.backward else number >= at


def _branch(number: int, tier: int, conditions: Sequence[str], position: Position | None) -> str:
    """The first of one class in one tier."""
    where = [f"words @@ %(class_{number})s::tsquery", *conditions]
    if position is not None and number == position.key[0]:
        side = "<" if position.backward else ">"
        where.append(f"(-score, tutor_id) {side} (%(at_score)s, %(at_id)s)")
        # Tiers on the other side of the position are not even looked into.
        where.append(
            f"{tier} {side}= (select count(*) from public_tiers"
            " where (by_score, tutor_id) < (%(at_score)s, %(at_id)s))"
        )
    direction = "desc" if position is not None and position.backward else "asc"
    return (
        f"(select {number} as class, -score as by_score, tutor_id from public_search_{tier}"
        f" where {' and '.join(where)}"
        f" order by -score {direction}, tutor_id {direction} limit %(limit)s)"
    )
