"""What a search costs, in pages of memory touched, among twenty thousand tutors in three tiers.

What is pinned is that common words never come to the last tier.
"""

from typing import Any

import pytest

from common.http.pagination import Position
from marketplace.facets.search_statement import FACET_BUDGET, search_statement
from marketplace.listing.pages import FARTHEST_WALK
from marketplace.listing.query import COUNTED_UP_TO, Filters, TutorQuery
from marketplace.listing.spelling.match_counts import match_counts_statement
from marketplace.listing.statements.best_matches import best_matches_statement
from marketplace.listing.statements.candidates import PHRASE_BUDGET
from marketplace.listing.statements.ordered_search import (
    count_statement,
    gathering_statement,
    walking_statement,
)
from marketplace.listing.statements.phrase_page import phrase_statement
from marketplace.listing.statements.relevance_page import relevance_statement
from tests.marketplace.plans.explain import explain
from tests.marketplace.plans.explain import run as explain_and_run

LIMIT = 21
SEARCH = 900


def query_of(search: str, ordering: str | None = None, **filters: Any) -> TutorQuery:
    return TutorQuery(filters=Filters(**filters), search=search, ordering=ordering)


def run(cursor: Any, statement: str, values: dict[str, Any]) -> tuple[int, list[Any]]:
    """The buffers a statement touches, and its rows. It reads no table of tutors whole."""
    cost, rows = explain_and_run(cursor, statement, values)
    assert cost.read_whole == set()
    return cost.buffers, rows


def relevance(cursor: Any, query: TutorQuery, position: Position | None) -> tuple[int, int, Any]:
    """What one request touches, the count, and the keys of its page."""
    buffers, rows = run(cursor, *relevance_statement(query, position, LIMIT))
    return buffers, rows[0][0], [tuple(key) for _, _, card, *key in rows if card is not None]


# Each step of a range of prices is looked up in every class and tier.
PRICE_RANGE = 6_500
CASES: list[tuple[str, dict[str, Any], int]] = [
    ("хімія", {}, 1001),
    ("хімія арфа", {}, 0),
    ("львів", {}, 1001),
    ("львів арфа", {}, 0),
    ("арфа", {}, 20),
    ("удав", {}, 10),
    ("немає", {}, 0),
    ("х", {}, 1001),
    ("слово1", {}, 1001),
    ("прізвище777", {}, None),
    ("-хімія", {}, 1001),
    ("-хімія -львів", {}, 1001),
    ("-с", {}, 1001),
    ("хімія -арфа", {}, 1001),
    ("хімія", {"subject": ("rare",)}, 20),
    ("хімія", {"subject": ("english", "rare"), "language": ("uk",), "experience_min": 10}, 1001),
    ("-хімія", {"subject": ("rare",)}, 0),
    ("хімія", {"language": ("ja",)}, 0),
]


@pytest.mark.parametrize(("search", "filters", "expected"), CASES)
def test_a_search_is_bounded_whatever_it_finds(
    population: Any, search: str, filters: dict[str, Any], expected: int | None
) -> None:
    query = query_of(search + (" " if len(search) > 2 and search[-1].isalpha() else ""), **filters)
    buffers, count, keys = relevance(population, query, None)
    assert buffers <= SEARCH
    assert expected is None or count == expected
    assert len(keys) == min(count, LIMIT)
    if len(keys) == LIMIT:
        for position in (Position(keys[-2]), Position(keys[-2], backward=True)):
            assert relevance(population, query, position)[0] <= SEARCH


def test_a_range_of_prices_is_bounded_too(population: Any) -> None:
    for filters in ({"price_min": 590}, {"price_min": 200, "price_max": 300}):
        assert relevance(population, query_of("хімія ", **filters), None)[0] <= PRICE_RANGE


def test_a_common_word_never_comes_to_the_last_tier(population: Any) -> None:
    visited = explain(population, *relevance_statement(query_of("хімія "), None, LIMIT)).visited
    assert set(visited) == {
        "public_search_0",
        "public_search_1",
        "public_tutors",
        "public_revision",
    }
    # The second tier is only looked into for the count.
    assert visited.count("public_search_1") == 1


def test_a_word_of_the_last_tier_alone_costs_its_rows_at_most(population: Any) -> None:
    (rows,) = run(
        population, "select relpages from pg_class where relname = 'public_search_2'", {}
    )[1]
    buffers, count, _ = relevance(population, query_of("тріо "), None)
    assert count == COUNTED_UP_TO + 1
    assert buffers <= 2 * rows[0] + SEARCH


@pytest.mark.parametrize("ordering", ["hourly_rate", "-experience_years", "newest"])
@pytest.mark.parametrize("search", ["хімія ", "-хімія"])
def test_common_words_in_another_order_are_met_along_its_index(
    population: Any, search: str, ordering: str
) -> None:
    query = query_of(search, ordering=ordering)
    ((_, among_best, _),) = run(population, *count_statement(query, COUNTED_UP_TO + 1))[1]
    buffers, rows = run(population, *walking_statement(query, None, LIMIT, FARTHEST_WALK))
    assert len(rows) == LIMIT
    assert buffers <= 4_000
    gathered = run(population, *gathering_statement(query, None, LIMIT))[1]
    assert rows == gathered
    middle = Position(tuple(rows[-1][1:]))
    assert (
        run(population, *walking_statement(query, middle, LIMIT, FARTHEST_WALK))[1]
        == run(population, *gathering_statement(query, middle, LIMIT))[1]
    )
    assert among_best <= COUNTED_UP_TO + 1


@pytest.mark.parametrize("search", ["арфа ", "удав ", "прізвище777 "])
def test_rare_words_in_another_order_cost_their_matches(population: Any, search: str) -> None:
    for ordering in ("hourly_rate", "-rating", "newest"):
        query = query_of(search, ordering=ordering)
        assert run(population, *gathering_statement(query, None, LIMIT))[0] <= 300


def test_suggestions_and_spellings_are_bounded(population: Any) -> None:
    for clause in ("'@п':*", "'#п':*", "'#х':*", "'@немає':*"):
        assert run(population, *best_matches_statement(clause, 40))[0] <= 1_200
    words = [query_of(f"{word} ").words for word in ("хімія", "львів", "арфа", "немає")]
    buffers, rows = run(population, *match_counts_statement(words, Filters(), 101))
    assert [count for (count,) in rows] == [101, 101, 20, 0]
    assert buffers <= 1_000


@pytest.mark.parametrize("search", ['-"хімія львів"', '"хімія львів"', 'хімія -"львів хімія"'])
@pytest.mark.parametrize("ordering", [None, "newest"])
def test_where_words_stand_is_asked_of_a_bounded_number_of_rows(
    population: Any, search: str, ordering: str | None
) -> None:
    buffers, _ = run(population, *phrase_statement(query_of(search, ordering), None, LIMIT))
    assert buffers <= 6 * PHRASE_BUDGET + SEARCH


@pytest.mark.parametrize("search", ["хімія ", "-хімія", "х", '-"хімія львів"'])
@pytest.mark.parametrize(
    "filters", [{}, {"subject": ("english",), "language": ("uk",), "price_min": 200}]
)
def test_the_facets_of_a_search_are_of_a_bounded_number_of_rows(
    population: Any, search: str, filters: dict[str, Any]
) -> None:
    buffers, _ = run(population, *search_statement(query_of(search, **filters)))
    assert buffers <= 10 * FACET_BUDGET
