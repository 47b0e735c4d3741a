"""How many tutors each further choice would leave: counts by subject, language, price and so on.

Each group is counted under every filter but its own, so that the neighbours of what was chosen can
be offered. Bitmaps count without a search; SQL counts where there are none, and what a search finds.
What SQL has counted for a group is cached under the filters it was made with: filters that differ
in one group alone share the counts of that group.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import orjson

from marketplace.cache.shared_cache import shared_cache
from marketplace.facets.bitmap_counts import group_counts
from marketplace.facets.groups import (
    CountedNumbers,
    Counts,
    GroupCounts,
    experience_group,
    price_group,
)
from marketplace.facets.search_statement import GROUP_FILTERS, search_statement
from marketplace.facets.statements import (
    CERTIFIED,
    COLUMNS,
    EXPERIENCE,
    LANGUAGES,
    OWN_FILTERS,
    PRICE,
    SUBJECT,
    columns_statement,
    subjects_statement,
)
from marketplace.listing.indexed.filter_index import filter_index
from marketplace.listing.query import Filters, TutorQuery
from profiles.public.replica_reads import read_public_rows

NO_FILTERS = Filters()
# From the text of a value to the value.
VALUE_OF: Mapping[str, Callable[[str], Any]] = {
    PRICE: int,
    EXPERIENCE: int,
    CERTIFIED: "true".__eq__,
}


def count_by_bitmaps(query: TutorQuery, revision: int) -> tuple[dict[str, Any], int] | None:
    """All groups, as the answer has them, and the revision they are of: `revision` or a later one.

    None for a search, and where there are no bitmaps now. Raises psycopg2.Error.
    """
    if not query.words.is_empty:
        return None
    filters = query.filters
    index = filter_index()
    found = index.read(lambda bitmaps: group_counts(bitmaps, filters), revision)
    index.count(found is not None)
    return None if found is None else (found[0].answer(is_cut=False), found[1])


@dataclass(frozen=True)
class FacetReader:
    """Reads the counts of one query by SQL as of a revision, through a cache of `ttl_seconds`."""

    query: TutorQuery
    revision: int
    ttl_seconds: int

    def read(self) -> dict[str, Any]:
        """All groups, as the answer has them. Raises psycopg2.Error."""
        if not self.query.words.is_empty:
            return self._read_search()
        filters = self.query.filters
        together: dict[Filters, list[str]] = {}
        for column in COLUMNS:
            others = replace(filters, **OWN_FILTERS[column])
            together.setdefault(others, []).append(column)
        counts: dict[str, Counts] = {}
        for others, columns in together.items():
            of_others = self._column_counts(others, columns)
            counts |= {column: of_others[column] for column in columns}
        counts[SUBJECT] = self._subject_counts(replace(filters, subject=()))
        return _of_values(counts).answer(is_cut=False)

    def _read_search(self) -> dict[str, Any]:
        """The same of a search, whose groups are counted together."""
        counts: dict[str, Counts] = {group: {} for group in GROUP_FILTERS}
        is_cut = False
        rows = self._cached(
            self.query.filters, ["search"], lambda: read_public_rows(*search_statement(self.query))
        )
        for group, value, count in rows:
            if group is None:
                is_cut = True
            elif value is not None:
                counts[group][VALUE_OF.get(group, str)(value)] = count
        return _of_values(counts).answer(is_cut)

    def _column_counts(self, filters: Filters, columns: Sequence[str]) -> dict[str, Counts]:
        """How often each value of these columns occurs among those who pass the filters."""
        if filters == NO_FILTERS:
            # Everybody who sets one filter needs one column of these.
            columns = COLUMNS
        query = replace(self.query, filters=filters)

        def read() -> list[Any]:
            rows = read_public_rows(*columns_statement(query, columns))
            return [(number, values[number], count) for number, *values, count in rows]

        counts: dict[str, Counts] = {column: {} for column in columns}
        for number, value, count in self._cached(filters, columns, read):
            counts[columns[number]][value] = count
        return counts

    def _subject_counts(self, filters: Filters) -> Counts:
        query = replace(self.query, filters=filters)
        return dict(
            self._cached(filters, ["subject"], lambda: read_public_rows(*subjects_statement(query)))
        )

    def _cached(
        self, filters: Filters, columns: Sequence[str], read: Callable[[], list[Any]]
    ) -> list[Any]:
        question = orjson.dumps([self.query.search, filters.given, columns])
        name = f"facet:{blake2b(question, digest_size=16).hexdigest()}"
        entry = shared_cache().get_or_compute(
            name, self.revision, self.ttl_seconds, lambda: orjson.dumps(read())
        )
        rows: list[Any] = orjson.loads(entry.value)
        return rows


def _of_values(counts: Mapping[str, Counts]) -> GroupCounts:
    """Out of the counts of each group's values."""
    return GroupCounts(
        subjects=counts[SUBJECT],
        languages=counts[LANGUAGES],
        price=price_group(CountedNumbers(counts[PRICE])),
        experience=experience_group(CountedNumbers(counts[EXPERIENCE])),
        certified=counts[CERTIFIED],
    )
