"""A page of the most relevant: class by class, tier by tier, by score and id within."""

from collections.abc import Sequence
from functools import lru_cache

from common.http.pagination import Position
from marketplace.listing.query import COUNTED_UP_TO, TutorQuery
from marketplace.listing.statements import Statement
from marketplace.listing.statements.candidates import PHRASE_BUDGET
from marketplace.listing.statements.cards import CARD
from marketplace.listing.statements.words import (
    as_tsquery,
    capped_matches,
    exact_conditions,
    exclusions_and_filters,
    relevance_classes,
)
from profiles.public.models import REVISION
from profiles.public.search.models import TIERS

# Up to so many matches, the words of each are read, some seven pages, in place of the index of words for
# every class and tier, which takes as long as a class is of many.
FEW = 200
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
    values |= found_values | {"limit": limit, "cap": COUNTED_UP_TO + 1, "few": FEW}
    if position is not None:
        values |= dict(zip(("at_score", "at_id"), position.key[1:], strict=True))
    rest = exclusions_and_filters(query.words, query.filters)
    classes = relevance_classes(query.words)
    for number, found in enumerate(classes):
        better = "".join(f" & !({as_tsquery(each)})" for each in found.excluded)
        values[f"class_{number}"] = f"({found.tsquery}){better}{rest}"
        values[f"among_few_{number}"] = found.tsquery
    # Another release, whose cursors are still in use, may know more classes of the same words.
    at = None if position is None else min(int(position.key[0]), len(classes) - 1)
    is_backward = position is not None and position.backward
    return _text(matches, tuple(conditions), len(classes), at, is_backward), values


@lru_cache(256)
def _text(
    matches: str, conditions: Sequence[str], classes: int, at: int | None, is_backward: bool
) -> str:
    """The text, which depends on the shape of a question alone: it is written once for each.

    `at` is the class of the position, if there is one.
    """
    reached = [number for number in range(classes) if _reaches(at, number, is_backward)]
    branches = [
        _branch(number, tier, conditions, number == at, is_backward)
        for number in reached
        for tier in TIERS
    ]
    if is_backward:
        branches.reverse()
    direction = "desc" if is_backward else "asc"
    order = ", ".join(f"{key} {direction}" for key in RELEVANCE_KEYS)
    # Where few tutors are found, or none, no class and no tier is looked into.
    return f"""
        with matches as materialized {matches},
        counted as materialized (select count(*)::int as n from matches),
        page as materialized (
            ({_page_of_few(classes, at, is_backward, order)}) union all
            (select * from ({' union all '.join(branches)}) branches
             where (select n from counted) > %(few)s limit %(limit)s)
        )
        select n, ({REVISION}), {CARD}, {', '.join(RELEVANCE_KEYS)}
        from counted left join page on true order by {order}"""


def _reaches(at: int | None, number: int, is_backward: bool) -> bool:
    """Whether anybody of that class can be beyond the position."""
    return at is None or (number <= at if is_backward else number >= at)


def _page_of_few(classes: int, at: int | None, is_backward: bool, order: str) -> str:
    """The page where all matches are known and few: each is in the first class whose words it has."""
    cases = " ".join(
        f"when words @@ %(among_few_{number})s::tsquery then {number}" for number in range(classes)
    )
    beyond = "true"
    if at is not None:
        side = "<" if is_backward else ">"
        beyond = f"({', '.join(RELEVANCE_KEYS)}) {side} ({at}, %(at_score)s, %(at_id)s)"
    # A document is read once, whatever the number of classes: an expression of it is not stored apart.
    return f"""
        select * from (
            select case {cases} end as class, -score as by_score, tutor_id
            from matches cross join lateral (
                select stored.words || ''::tsvector as words from public_search stored
                where stored.tutor_id = matches.tutor_id and stored.tier = matches.tier offset 0
            ) document
            where (select n from counted) <= %(few)s
        ) few where {beyond} order by {order} limit %(limit)s"""


def _branch(
    number: int, tier: int, conditions: Sequence[str], is_at_position: bool, is_backward: bool
) -> str:
    """The first of one class in one tier."""
    where = [f"words @@ %(class_{number})s::tsquery", *conditions]
    if is_at_position:
        side = "<" if is_backward else ">"
        where.append(f"(-score, tutor_id) {side} (%(at_score)s, %(at_id)s)")
        # Tiers on the other side of the position are not even looked into.
        where.append(
            f"{tier} {side}= (select count(*) from public_tiers"
            " where (by_score, tutor_id) < (%(at_score)s, %(at_id)s))"
        )
    direction = "desc" if is_backward else "asc"
    return (
        f"(select {number} as class, -score as by_score, tutor_id from public_search_{tier}"
        f" where {' and '.join(where)}"
        f" order by -score {direction}, tutor_id {direction} limit %(limit)s)"
    )
