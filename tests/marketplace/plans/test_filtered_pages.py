"""What a page of filters costs, in pages of memory touched, among twenty thousand tutors.

The bounds hold at any size: each is a few index pages, twenty-one rows by primary key, and at
worst one walk along one index.
"""

from typing import Any

import pytest

from common.http.pagination import Position
from marketplace.listing.query import ORDERINGS, Filters, TutorQuery
from marketplace.listing.statements.filtered_page import filtered_statement
from marketplace.listing.statements.filters import source_of
from marketplace.similar.statement import MOST_SIMILAR, NEIGHBOURS, READ_SIMILAR
from tests.marketplace.plans.explain import Cost, explain, run
from tests.marketplace.plans.population import TUTORS

LIMIT = 21


def query_of(ordering: str | None = None, **filters: Any) -> TutorQuery:
    return TutorQuery(filters=Filters(**filters), ordering=ordering)


def read(cursor: Any, query: TutorQuery, position: Position | None) -> tuple[Cost, int, list[Any]]:
    """The cost of a page, the count that comes with it, and its keys."""
    cost, rows = run(cursor, *filtered_statement(query, position, LIMIT))
    assert (cost.read_whole, cost.heap_fetches) == (set(), 0)
    return cost, rows[0][0], [tuple(row[3:]) for row in rows if row[2] is not None]


def middle_of(cursor: Any, query: TutorQuery) -> Position:
    """A place half way down the list."""
    source = source_of(query)
    keys = ", ".join(source.keys)
    matching = f"{source.walk(keys, str(TUTORS))} everybody"
    cursor.execute(
        f"select {keys} from {matching} order by {keys}"
        f" offset (select count(*) / 2 from {matching}) limit 1",
        source.values,
    )
    return Position(tuple(cursor.fetchone()))


COMMON = 120
# Every index of all tutors has about a hundred and fifty pages here, that of a subject its share.
ONE_WALK = 260
CASES: list[tuple[dict[str, Any], int]] = [
    ({}, COMMON),
    ({"subject": ("english",)}, COMMON),
    ({"subject": ("rare",)}, COMMON),
    ({"subject": ("nobody's",)}, 8),
    ({"subject": ("english", "math", "rare")}, COMMON),
    ({"subject": ("english", "math"), "language": ("uk",), "experience_min": 5}, 160),
    ({"language": ("uk",), "has_certifications": True}, COMMON),
    ({"experience_min": 20, "price_max": 300, "language": ("uk", "en")}, 140),
    # Whoever teaches it costs more than this: nobody matches, in one subject's few entries.
    ({"subject": ("rare",), "price_max": 600}, 8),
    ({"subject": ("english",), "price_max": 110, "experience_min": 30}, ONE_WALK),
    ({"language": ("ja",)}, ONE_WALK),
    ({"price_min": 90_000}, ONE_WALK),
    ({"subject": ("english",), "price_min": 90_000}, ONE_WALK),
]


@pytest.mark.parametrize("ordering", [None, *(name for name in ORDERINGS if name != "best")])
@pytest.mark.parametrize(("filters", "bound"), CASES)
def test_a_page_is_a_walk_along_an_index_however_deep(
    population: Any, filters: dict[str, Any], bound: int, ordering: str | None
) -> None:
    query = query_of(ordering, **filters)
    first, count, keys = read(population, query, None)
    assert first.buffers <= bound
    if not keys:
        return
    middle = middle_of(population, query)
    for position in (middle, Position(middle.key, backward=True)):
        deep, count_there, _ = read(population, query, position)
        assert count_there == count
        assert deep.buffers <= bound + COMMON // 2


@pytest.mark.parametrize("ordering", ["hourly_rate", "-hourly_rate"])
def test_a_range_of_the_ordering_itself_is_entered_where_it_begins(
    population: Any, ordering: str
) -> None:
    for filters in ({"price_min": 90_000}, {"price_min": 3001, "price_max": 3009}):
        assert read(population, query_of(ordering, **filters), None)[0].buffers < 10
    assert read(population, query_of(ordering, price_min=400), None)[0].buffers <= COMMON


@pytest.mark.parametrize("tutor_id", [2, 10, 1000, 2001])
def test_the_similar_of_a_tutor_are_a_few_entries_of_each_subject_s_index(
    population: Any, tutor_id: int
) -> None:
    values = {"tutor_id": tutor_id, "neighbours": NEIGHBOURS, "limit": MOST_SIMILAR}
    cost = explain(population, READ_SIMILAR, values)
    assert cost.read_whole == set()
    assert cost.buffers <= 400
