"""SQL of the facets of a search: all groups of the best tutors who match, in one statement.

Whoever fails one filter alone still counts in that filter's own group. So the candidates have the
words and pass the filters but for one of those in the index and one of those in columns, and each
group then asks for all the others.
"""

from dataclasses import replace

from common.text import Query
from marketplace.facets.statements import (
    CERTIFIED,
    EXPERIENCE,
    LANGUAGES,
    MOST_SUBJECTS,
    OWN_FILTERS,
    PRICE,
    SUBJECT,
)
from marketplace.listing.query import Filters, TutorQuery
from marketplace.listing.statements import Statement, Values
from marketplace.listing.statements.candidates import (
    PHRASE_BUDGET,
    best_candidates,
    candidates_tsquery,
    needs_positions,
)
from marketplace.listing.statements.filters import filter_conditions
from marketplace.listing.statements.words import filter_clauses, match_tsquery

# Rows that one statement counts: about 60 ms.
FACET_BUDGET = 5_000
# Every group with the filters that are its own.
GROUP_FILTERS: dict[str, tuple[str, ...]] = {
    group: tuple(filters) for group, filters in OWN_FILTERS.items()
}
_TAUGHT = """exists (select from public_tutor_subjects posting
    where posting.tutor_id = found.tutor_id and posting.subject_id = any(
        array(select id from public_subjects where code = any(%(subjects)s))))"""


def search_statement(query: TutorQuery) -> Statement:
    """Rows (group, value as text, count), and one (null, null, 1) where there were more candidates
    than the budget."""
    conditions, values = _conditions(query.filters)
    is_positional = needs_positions(query.words)
    budget = PHRASE_BUDGET if is_positional else FACET_BUDGET
    values |= {
        "candidates": _but_one_lexeme(query.words, query.filters),
        "found": match_tsquery(query.words, Filters()),
        "budget": budget + 1,
    }
    source = best_candidates(
        "tutor_id, score, words" if is_positional else "tutor_id, score",
        " and ".join(["words @@ %(candidates)s::tsquery", *_but_one_column(conditions)]),
        "%(budget)s",
    )
    found = "where words @@ %(found)s::tsquery" if is_positional else ""
    passes = "".join(f", {condition} as passes_{group}" for group, condition in conditions.items())
    columns = f"{PRICE}, {EXPERIENCE}, {LANGUAGES}, {CERTIFIED}"
    # `offset 0` has each candidate looked up by its key, whatever is thought of their number.
    counts = " union all ".join(_group(group, conditions) for group in GROUP_FILTERS)
    statement = f"""
        with candidates as materialized {source},
        matching as materialized (
            select found.tutor_id, {columns}{passes}
            from (select * from candidates {found}) found cross join lateral (
                select {columns} from public_tutors where tutor_id = found.tutor_id offset 0
            ) tutor
        )
        select null as of_group, null as value, 1 as n from candidates
        having count(*) = %(budget)s union all {counts}"""
    return statement, values


def _conditions(filters: Filters) -> tuple[dict[str, str], Values]:
    """What each given filter asks of a row of `public_tutors`, by its group."""
    conditions: dict[str, str] = {}
    values: Values = {}
    for group, names in GROUP_FILTERS.items():
        given = {name: value for name in names if (value := filters.given.get(name)) is not None}
        if group == SUBJECT:
            if given:
                conditions[group] = _TAUGHT
                values["subjects"] = list(filters.subject)
            continue
        texts, bound = filter_conditions(Filters(**given), "")
        if texts:
            conditions[group] = f"coalesce({' and '.join(texts)}, false)"
            values |= bound
    return conditions, values


def _but_one_lexeme(words: Query, filters: Filters) -> str:
    """A tsquery of the words and of all filters but one of those that only lexemes decide."""
    certain = candidates_tsquery(words, Filters())
    lexical = replace(filters, price_min=None, price_max=None, experience_min=None)
    clauses = list(filter_clauses(lexical))
    if len(clauses) < 2:
        return certain
    alternatives = [
        " & ".join(clause for other, clause in enumerate(clauses) if other != number)
        for number in range(len(clauses))
    ]
    return f"{certain} & ({' | '.join(f'({each})' for each in alternatives)})"


def _but_one_column(conditions: dict[str, str]) -> list[str]:
    """A condition on search rows: of the filters that columns decide at most one is failed."""
    columns = [conditions[group] for group in (PRICE, EXPERIENCE) if group in conditions]
    return [f"({' or '.join(columns)})"] if len(columns) > 1 else []


def _group(group: str, conditions: dict[str, str]) -> str:
    """The counts of one group, under every filter but its own."""
    others = [f"passes_{each}" for each in conditions if each != group]
    where = f" where {' and '.join(others)}" if others else ""
    if group != SUBJECT:
        return (
            f"select '{group}', {group}::text, count(*)::int from matching{where}"
            f" group by {group}"
        )
    return f"""
        (select '{SUBJECT}', code, count(*)::int as n
        from matching cross join lateral (
            select subject_id from public_tutor_subjects posting
            where posting.tutor_id = matching.tutor_id offset 0
        ) taught join public_subjects on id = subject_id{where}
        group by code order by n desc, code limit {MOST_SUBJECTS})"""
