"""A typed query without words to SQL over the public rows: filters and orderings.

Nothing here asks for a flag: a hidden value is not in the public rows. Filters are decided inside
the ordering's covering index (of all tutors, or of one subject's), so that a wrong estimate costs
a walk along that index and never a visit to the rows. Words are words.py's.
"""

from dataclasses import dataclass
from typing import Any

from common.http.pagination import Position
from marketplace.listing.query import ORDERINGS, Filters, TutorQuery
from profiles.public.models import EMPTY_LAST


@dataclass(frozen=True)
class Source:
    """All rows that match: the selects whose union they are, and the columns that order them, all
    ascending and ending in the id."""

    selects: tuple[str, ...]
    keys: tuple[str, ...]
    values: dict[str, Any]

    def walk(self, order: str, limit: str, condition: str = "true") -> str:
        """The first rows in `order`; of several subjects, the first of the first of each."""
        keys = ", ".join(self.keys)
        walks = [
            f"(select {keys} from ({select}) branch where {condition}"
            f" order by {order} limit {limit})"
            for select in self.selects
        ]
        if len(walks) == 1:
            return walks[0]
        # A tutor of several of the subjects comes once.
        union = " union all ".join(walks)
        return f"(select distinct {keys} from ({union}) either order by {order} limit {limit})"


def source_of(query: TutorQuery) -> Source:
    """Whoever passes the filters of `query`, in its ordering: one walk along the covering index of
    the ordering, of each subject or of all."""
    key = ORDERINGS[query.order]
    conditions, values = filter_conditions(query.filters, key)
    if not query.filters.subject:
        return Source((_select(key, "public_tutors", conditions),), (key, "tutor_id"), values)
    selects = []
    for number, code in enumerate(query.filters.subject):
        name = f"subject_{number}"
        values[name] = code
        # A subject that no profile ever named has no id, and null equals nothing: no row is visited.
        taught = f"subject_id = (select id from public_subjects where code = %({name})s)"
        selects.append(_select(key, "public_tutor_subjects", [taught, *conditions]))
    return Source(tuple(selects), (key, "tutor_id"), values)


def _select(key: str, table: str, conditions: list[str]) -> str:
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"select {key}, tutor_id from {table}{where}"


def beyond(key: str, position: Position | None) -> tuple[str, str, dict[str, Any]]:
    """The condition of what comes after (or before) a position, and the order, nearest first; with
    the values of the condition."""
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


def filter_conditions(filters: Filters, key: str) -> tuple[list[str], dict[str, Any]]:
    """One condition per filter, on columns that every covering index includes."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for condition in (
        price_condition,
        experience_condition,
        _languages,
        _certifications,
    ):
        text, bound = condition(filters, key)
        if text:
            conditions.append(text)
            values |= bound
    return conditions, values


def price_condition(filters: Filters, key: str) -> tuple[str, dict[str, Any]]:
    return _between("hourly_rate", "by_rate", key, filters.price_min, filters.price_max)


def experience_condition(filters: Filters, key: str) -> tuple[str, dict[str, Any]]:
    return _between("experience_years", "by_experience", key, filters.experience_min, None)


def _between(
    column: str, by_column: str, key: str, lowest: int | None, highest: int | None
) -> tuple[str, dict[str, Any]]:
    """A range of `column`, which an unset value is never in.

    In an ordering by this very column the range is one of its keys, so that the index is entered
    where the range begins and left where it ends.
    """
    if lowest is None and highest is None:
        return "", {}
    low = 0 if lowest is None else lowest
    high = EMPTY_LAST - 1 if highest is None else min(highest, EMPTY_LAST - 1)
    names = {f"{column}_low": low, f"{column}_high": high}
    if key == f"{by_column}_desc":
        names = {f"{column}_low": -high, f"{column}_high": -low}
    name = key if key in (by_column, f"{by_column}_desc") else column
    # Without the casts, a value would have the column's type, which may be too narrow for it.
    return f"{name} between %({column}_low)s::int and %({column}_high)s::int", names


def _languages(filters: Filters, key: str) -> tuple[str, dict[str, Any]]:
    """Any of the languages, in a column that reads ",uk,en"."""
    if not filters.language:
        return "", {}
    return "languages like any(%(languages)s)", {
        "languages": [f"%,{code}%" for code in filters.language]
    }


def _certifications(filters: Filters, key: str) -> tuple[str, dict[str, Any]]:
    if filters.has_certifications is None:
        return "", {}
    return "has_certifications = %(certified)s", {"certified": filters.has_certifications}
