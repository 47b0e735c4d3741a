"""Words to SQL over the search rows: who is found, in which order, and how many they are.

Words and filters are clauses of one tsquery, so one index decides both. The rows are in tiers of
the default order. A union of selects is read lazily, from its first select on, so a page ends in
the first tier that fills it, and a count ends at its cap: a common word costs no more among many
tutors than among few, and a rare one costs its matches.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from common.http.pagination import Position
from common.text import Query, QueryClauses, query_clauses, quote
from marketplace.listing.filters import experience_condition, price_condition, source_of
from marketplace.listing.query import COUNTED_UP_TO, ORDERINGS, Filters, TutorQuery
from profiles.public.filter_lexemes import (
    certifications_lexeme,
    experience_lexeme,
    language_lexeme,
    price_lexemes,
    subject_lexeme,
)
from profiles.public.models import REVISION, SORT_KEYS
from profiles.public.search_models import TIERS, TITLE, TOPICS

RELEVANCE_KEYS = ("class", "by_score", "tutor_id")
# Every tutor has one of these: something to find where all that is asked is what must not be.
ANYBODY = f"({quote(certifications_lexeme(True))} | {quote(certifications_lexeme(False))})"

SEARCH_EXPLANATION = (
    "`relevance` goes by where the words were found: all of them in name and headline; all of them"
    " in name, headline and subjects; some of them there and the others in the bio; all of them in"
    " the bio. Among equals the better profile comes first, by the score above. A word counts in"
    " any form, as its synonym, and in the other keyboard layout; words in quotation marks count as"
    " they are written."
)

# A tutor's card after its hash, as one value; a subselect keeps the order of the page.
CARD = "(select etag || card from public_tutors tutor where tutor.tutor_id = page.tutor_id) as card"

Values = dict[str, Any]
Statement = tuple[str, Values]


def classes_of(words: Query) -> list[str]:
    """Where the words may stand, best first, as tsqueries; each includes those before it."""
    everywhere = query_clauses(words)
    if not everywhere.required:
        return [ANYBODY]
    titled, topical = (_joined(query_clauses(words, mark)) for mark in (TITLE, TOPICS))
    classes = [titled, topical]
    if len(everywhere.required) > 1:
        some = " | ".join(query_clauses(words, TOPICS).required)
        classes.append(f"{_joined(everywhere)} & ({some})")
    return [*classes, _joined(everywhere)]


def _joined(clauses: QueryClauses) -> str:
    return " & ".join(clauses.required)


def _rest_of(words: Query, filters: Filters) -> str:
    """What else has to hold, whatever the class: exclusions and filters."""
    unwanted = query_clauses(words).excluded
    clauses = [f"!({unwanted})"] if unwanted else []
    return "".join(f" & {clause}" for clause in (*clauses, *filter_clauses(filters)))


def filter_clauses(filters: Filters) -> Iterator[str]:
    """The filters as clauses of a tsquery, any lexeme of each."""
    for lexemes in _filter_lexemes(filters):
        yield "(" + " | ".join(map(quote, lexemes)) + ")"


def _filter_lexemes(filters: Filters) -> Iterator[Iterable[str]]:
    if filters.subject:
        yield map(subject_lexeme, filters.subject)
    if filters.language:
        yield map(language_lexeme, filters.language)
    if filters.has_certifications is not None:
        yield [certifications_lexeme(filters.has_certifications)]
    if filters.experience_min is not None:
        yield [experience_lexeme(filters.experience_min)]
    if filters.price_min is not None or filters.price_max is not None:
        yield price_lexemes(filters.price_min, filters.price_max)


def _exact(filters: Filters) -> tuple[list[str], Values]:
    """Price and experience are in the index in steps; the columns then decide exactly."""
    conditions: list[str] = []
    values: Values = {}
    for condition in (price_condition, experience_condition):
        text, bound = condition(filters, "")
        if text:
            conditions.append(text)
            values |= bound
    return conditions, values


def matching(query: TutorQuery) -> tuple[str, Values]:
    """The condition of a search row that is found at all."""
    conditions, values = _exact(query.filters)
    values["found"] = _found(query.words, query.filters)
    return " and ".join(["words @@ %(found)s::tsquery", *conditions]), values


def _found(words: Query, filters: Filters) -> str:
    return f"{classes_of(words)[-1]}{_rest_of(words, filters)}"


def count_statement(query: TutorQuery, cap: int) -> Statement:
    """How many are found, up to `cap`: all, and in the tiers but the last; and the revision.

    What the latter are compared with is the number of rows there: how common the matches are.
    """
    matches, values = _matches(query)
    return (
        f"select count(*)::int, (count(*) filter (where tier < {TIERS[-1]}))::int, ({REVISION})"
        f" from {matches} counted",
        values | {"cap": cap},
    )


def _matches(query: TutorQuery) -> Statement:
    """The tiers of all that are found, up to a cap."""
    condition, values = matching(query)
    tiers = " union all ".join(
        f"select {tier} as tier from public_search_{tier} where {condition}" for tier in TIERS
    )
    return f"(select tier from ({tiers}) found limit %(cap)s)", values


def relevance_statement(query: TutorQuery, position: Position | None, limit: int) -> Statement:
    """A page of the most relevant: class by class, tier by tier, by score and id within. With
    each row come the number of all matches, up to one more than is told, and the revision.
    """
    conditions, values = _exact(query.filters)
    matches, found_values = _matches(query)
    values |= found_values | {"limit": limit, "cap": COUNTED_UP_TO + 1}
    if position is not None:
        values |= dict(zip(("at_class", "at_score", "at_id"), position.key, strict=True))
    rest, before, branches = _rest_of(query.words, query.filters), "", []
    for number, found in enumerate(classes_of(query.words)):
        values[f"class_{number}"] = f"({found}){before}{rest}"
        before = f" & !({found})"
        if position is None or _reaches(position, number):
            branches += [_branch(number, tier, conditions, position) for tier in TIERS]
    if position is not None and position.backward:
        branches.reverse()
    direction = "desc" if position is not None and position.backward else "asc"
    order = ", ".join(f"{key} {direction}" for key in RELEVANCE_KEYS)
    # Where nobody is found, no class and no tier is looked into.
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


def gathering_statement(query: TutorQuery, position: Position | None, limit: int) -> Statement:
    """A page in an ordering of the visitor's own, of words that few have: all matches, sorted."""
    condition, values = matching(query)
    key = ORDERINGS[query.order]
    matches = " union all ".join(
        f"select {SORT_KEYS[key][1]} as {key}, tutor_id from public_search_{tier} where {condition}"
        for tier in TIERS
    )
    beyond, order, place = _beyond(key, position)
    page = f"select * from ({matches}) found where {beyond} order by {order} limit %(limit)s"
    return _with_cards(page, (key, "tutor_id")), values | place | {"limit": limit}


def walking_statement(
    query: TutorQuery, position: Position | None, limit: int, farthest: int
) -> Statement:
    """The same of words that many have: along the ordering's index, asking each row for them.

    It gives up after `farthest` rows, perhaps with less than a page.
    """
    condition, values = matching(query)
    key = ORDERINGS[query.order]
    source = source_of(query)
    beyond, order, place = _beyond(key, position)
    page = f"""
        select {key}, tutor_id from {source.walk(order, "%(farthest)s", beyond)} walked
        where (select {condition} from public_search search
            where search.tutor_id = walked.tutor_id)
        order by {order} limit %(limit)s"""
    values |= source.values | place | {"limit": limit, "farthest": farthest}
    return _with_cards(page, (key, "tutor_id")), values


def _beyond(key: str, position: Position | None) -> tuple[str, str, Values]:
    """The condition of what comes after (or before) a position, and the order, nearest first."""
    if position is None:
        return "true", f"{key}, tutor_id", {}
    place = {"at_key": position.key[0], "at_id": position.key[1]}
    if position.backward:
        return (
            f"({key}, tutor_id) < (%(at_key)s, %(at_id)s)",
            f"{key} desc, tutor_id desc",
            place,
        )
    return f"({key}, tutor_id) > (%(at_key)s, %(at_id)s)", f"{key}, tutor_id", place


def first_statement(query: str, most: int) -> Statement:
    """The cards, each after its hash, of the best that any tsquery finds, tier by tier."""
    tiers = " union all ".join(
        f"(select -score as by_score, tutor_id from public_search_{tier}"
        " where words @@ %(query)s::tsquery order by -score, tutor_id limit %(most)s)"
        for tier in TIERS
    )
    page = f"select * from ({tiers}) found limit %(most)s"
    return _with_cards(page, ("by_score", "tutor_id")), {"query": query, "most": most}


def finding_statement(queries: Sequence[Query], filters: Filters, cap: int) -> Statement:
    """How many tutors each of these finds, up to `cap`."""
    conditions, values = _exact(filters)
    values["queries"] = [_found(words, filters) for words in queries]
    values["cap"] = cap
    where = " and ".join(["words @@ wanted.query::tsquery", *conditions])
    return (
        "select (select count(*) from (select from public_search"
        f" where {where} limit %(cap)s) found)::int"
        " from unnest(%(queries)s::text[]) with ordinality as wanted (query, place) order by place",
        values,
    )


def _with_cards(page: str, keys: Sequence[str]) -> str:
    return f"select {CARD}, {', '.join(keys)} from ({page}) page"
