"""How many tutors each further choice would leave: counts by subject, language, price and so on.

Each group is counted under every filter but its own, so that the neighbours of what was chosen can
be offered. A group's counts are kept under the filters they were made with: filters that differ in
one group alone share the counts of that group.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import orjson

from common.database.session import read_rows
from marketplace.cache.shared_cache import shared_cache
from marketplace.listing.filters import experience_condition, filter_conditions, price_condition
from marketplace.listing.query import Filters, TutorQuery
from marketplace.listing.text_search import matching
from profiles.subjects import label

MOST_SUBJECTS = 200
MOST_BARS = 12
EXPERIENCE_STEPS = (0, 1, 3, 5, 10, 15, 20)
NO_FILTERS = Filters()

# The columns that groups are counted by, with what their own filter is reset to.
PRICE, EXPERIENCE = "hourly_rate", "experience_years"
LANGUAGES, CERTIFIED = "languages", "has_certifications"
OWN_FILTERS: Mapping[str, Mapping[str, Any]] = {
    PRICE: {"price_min": None, "price_max": None},
    EXPERIENCE: {"experience_min": None},
    LANGUAGES: {"language": ()},
    CERTIFIED: {"has_certifications": None},
}

Counts = dict[Any, int]


@dataclass(frozen=True)
class Counting:
    """Whose counts are read, and as of when."""

    query: TutorQuery
    revision: int
    seconds: int

    def read(self) -> dict[str, Any]:
        """All groups, as the answer has them."""
        filters = self.query.filters
        together: dict[Filters, list[str]] = {}
        for column, own in OWN_FILTERS.items():
            together.setdefault(replace(filters, **own), []).append(column)
        counts: dict[str, Counts] = {}
        for others, columns in together.items():
            of_others = self._columns(others, columns)
            counts |= {column: of_others[column] for column in columns}
        return {
            "subjects": _subjects(self._subject_counts(replace(filters, subject=()))),
            "languages": _languages(counts[LANGUAGES]),
            "price": _price(counts[PRICE]),
            "experience": _experience(counts[EXPERIENCE]),
            "has_certifications": {
                "true": counts[CERTIFIED].get(True, 0),
                "false": counts[CERTIFIED].get(False, 0),
            },
        }

    def _columns(self, filters: Filters, columns: Sequence[str]) -> dict[str, Counts]:
        """How often each value of these columns occurs among those who pass the filters."""
        if filters == NO_FILTERS:
            # Everybody who sets one filter needs one column of these.
            columns = list(OWN_FILTERS)
        rows = self._kept(filters, columns, lambda: self._read_columns(filters, columns))
        counts: dict[str, Counts] = {column: {} for column in columns}
        for number, value, count in rows:
            counts[columns[number]][value] = count
        return counts

    def _read_columns(self, filters: Filters, columns: Sequence[str]) -> list[Any]:
        source, values = self._matches(filters)
        sets = ", ".join(f"({column})" for column in columns)
        # A row belongs to the set whose column is not grouped away.
        marks = " ".join(
            f"when grouping({column}) = 0 then {number}" for number, column in enumerate(columns)
        )
        rows = read_rows(
            f"select case {marks} end, {', '.join(columns)}, count(*)::int"
            f" from {source} matching group by grouping sets ({sets})",
            values,
        )
        return [(number, of_columns[number], count) for number, *of_columns, count in rows]

    def _matches(self, filters: Filters) -> tuple[str, dict[str, Any]]:
        """Each tutor who passes the filters, once, with the columns that groups are made of."""
        query = replace(self.query, filters=filters)
        columns = ", ".join(OWN_FILTERS)
        if not query.words.is_empty:
            condition, values = matching(query)
            found = f"select tutor_id from public_search where {condition}"
            return f"(select {columns} from public_tutors where tutor_id in ({found}))", values
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

    def _subject_counts(self, filters: Filters) -> Counts:
        return dict(self._kept(filters, ["subject"], lambda: self._read_subjects(filters)))

    def _read_subjects(self, filters: Filters) -> list[Any]:
        query = replace(self.query, filters=filters)
        if not query.words.is_empty:
            condition, values = matching(query)
            counted = f"""
                select subject_id as id, count(*)::int as n from public_tutor_subjects
                where tutor_id in (select tutor_id from public_search where {condition})
                group by subject_id"""
        else:
            conditions, values = filter_conditions(filters, _key(filters))
            # Subject by subject, so that each is one range of an index and never a sort of all.
            where = _where(["posting.subject_id = subject.id", *conditions])
            counted = f"""
                select subject.id, (select count(*)::int from public_tutor_subjects posting{where})
                    as n
                from public_subjects subject"""
        return read_rows(
            f"""
            select code, n from ({counted}) counted join public_subjects using (id)
            where n > 0 order by n desc, code limit {MOST_SUBJECTS}""",
            values,
        )

    def _kept(self, filters: Filters, columns: Sequence[str], read: Any) -> list[Any]:
        asked = orjson.dumps([self.query.search, filters.given, columns])
        name = f"facet:{blake2b(asked, digest_size=16).hexdigest()}"
        entry = shared_cache().get_or_compute(
            name, self.revision, self.seconds, lambda: orjson.dumps(read())
        )
        rows: list[Any] = orjson.loads(entry.value)
        return rows


def _where(conditions: Sequence[str]) -> str:
    return f" where {' and '.join(conditions)}" if conditions else ""


def _key(filters: Filters) -> str:
    """The sort key whose index is entered at a filter's range, if there is one."""
    if price_condition(filters, "")[0]:
        return "by_rate"
    return "by_experience" if experience_condition(filters, "")[0] else "by_score"


def _subjects(counts: Counts) -> list[dict[str, Any]]:
    return [
        {"code": code, "label": label(code), "count": count} for code, count in _by_count(counts)
    ]


def _languages(counts: Counts) -> list[dict[str, Any]]:
    """Of values such as ",uk,en"."""
    each: Counter[str] = Counter()
    for codes, count in counts.items():
        for code in filter(None, codes.split(",")):
            each[code] += count
    return [{"code": code, "count": count} for code, count in _by_count(each)]


def _by_count(counts: Mapping[Any, int]) -> Iterable[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _experience(counts: Counts) -> list[dict[str, int]]:
    return [
        {
            "min": least,
            "count": sum(n for years, n in counts.items() if years is not None and years >= least),
        }
        for least in EXPERIENCE_STEPS
    ]


def _price(counts: Counts) -> dict[str, Any]:
    """Bars of one round width; `from` and `to` belong to their bar, as in the list's filters."""
    rates = {rate: count for rate, count in counts.items() if rate is not None}
    if not rates:
        return {"min": None, "max": None, "histogram": []}
    lowest, highest = min(rates), max(rates)
    width = _bar_width(lowest, highest)
    bars: Counter[int] = Counter()
    for rate, count in rates.items():
        bars[rate // width] += count
    histogram = [
        {"from": bar * width, "to": (bar + 1) * width - 1, "count": bars[bar]}
        for bar in range(lowest // width, highest // width + 1)
    ]
    return {"min": lowest, "max": highest, "histogram": histogram}


def _bar_width(lowest: int, highest: int) -> int:
    """The least of 1, 2, 5, 10, 20, 50 … that needs no more than MOST_BARS bars."""
    scale = 1
    while True:
        for width in (scale, 2 * scale, 5 * scale):
            if highest // width - lowest // width < MOST_BARS:
                return width
        scale *= 10
