"""SQL of the facets without a search: one statement for columns of tutors, one for subjects."""

from collections.abc import Mapping, Sequence
from typing import Any

from marketplace.listing.query import Filters, TutorQuery
from marketplace.listing.statements import Statement, Values
from marketplace.listing.statements.filters import (
    experience_condition,
    filter_conditions,
    price_condition,
)

MOST_SUBJECTS = 200

# The columns that groups are counted by.
PRICE, EXPERIENCE = "hourly_rate", "experience_years"
LANGUAGES, CERTIFIED = "languages", "has_certifications"
SUBJECT = "subject"
COLUMNS = (PRICE, EXPERIENCE, LANGUAGES, CERTIFIED)
# What each group's own filter is reset to.
OWN_FILTERS: Mapping[str, Mapping[str, Any]] = {
    PRICE: {"price_min": None, "price_max": None},
    EXPERIENCE: {"experience_min": None},
    LANGUAGES: {"language": ()},
    CERTIFIED: {"has_certifications": None},
    SUBJECT: {"subject": ()},
}


def columns_statement(query: TutorQuery, columns: Sequence[str]) -> Statement:
    """Rows (number of the column, the columns' values, count): how often each value of each of
    the columns occurs among those who pass the query."""
    source, values = _matches(query)
    sets = ", ".join(f"({column})" for column in columns)
    # A row belongs to the set whose column is not grouped away.
    marks = " ".join(
        f"when grouping({column}) = 0 then {number}" for number, column in enumerate(columns)
    )
    return (
        f"select case {marks} end, {', '.join(columns)}, count(*)::int"
        f" from {source} matching group by grouping sets ({sets})",
        values,
    )


def _matches(query: TutorQuery) -> Statement:
    """Each tutor who passes the query, once, with the columns that groups are made of."""
    columns = ", ".join(COLUMNS)
    filters = query.filters
    conditions, values = filter_conditions(filters, _key(filters))
    if not filters.subject:
        return f"(select {columns} from public_tutors{_where(conditions)})", values
    values["subjects"] = list(filters.subject)
    taught = (
        "subject_id = any(array(select id from public_subjects where code = any(%(subjects)s)))"
    )
    # A tutor of several of the subjects comes once.
    once = "distinct tutor_id, " if len(filters.subject) > 1 else ""
    where = _where([taught, *conditions])
    return f"(select {once}{columns} from public_tutor_subjects{where})", values


def subjects_statement(query: TutorQuery) -> Statement:
    """Rows (code, count) of the subjects that those teach who pass the query, most taught first."""
    counted, values = _counted_subjects(query)
    return (
        f"""
        select code, n from ({counted}) counted join public_subjects using (id)
        where n > 0 order by n desc, code limit {MOST_SUBJECTS}""",
        values,
    )


def _counted_subjects(query: TutorQuery) -> tuple[str, Values]:
    conditions, values = filter_conditions(query.filters, _key(query.filters))
    # Subject by subject, so that each is one range of an index and never a sort of all.
    where = _where(["posting.subject_id = subject.id", *conditions])
    return (
        f"""
        select subject.id, (select count(*)::int from public_tutor_subjects posting{where}) as n
        from public_subjects subject""",
        values,
    )


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""


def _key(filters: Filters) -> str:
    """The sort key whose index is entered at a filter's range, if there is one."""
    if price_condition(filters, "")[0]:
        return "by_rate"
    return "by_experience" if experience_condition(filters, "")[0] else "by_score"
