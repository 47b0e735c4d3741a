"""What PostgreSQL does for a search that bitmaps decide, in pages touched: the cards by their keys, and
what a process lacks."""

from typing import Any

import pytest

from marketplace.listing.indexed.statement import scored_cards_statement
from marketplace.listing.indexed.word_index.reading import CHANGES, HAVING
from tests.marketplace.plans.explain import run
from tests.marketplace.plans.population import TUTORS

LIMIT = 21


def test_the_page_is_fetched_by_key(population: Any) -> None:
    ids = [tutor_id * 701 for tutor_id in range(1, LIMIT + 1)]
    cost, rows = run(population, *scored_cards_statement(ids))
    assert {row[3] for row in rows} == set(ids)
    assert cost.read_whole == set()
    assert cost.buffers <= 5 * LIMIT


def test_of_nobody_only_the_revision_is_read(population: Any) -> None:
    cost, ((revision, *card),) = run(population, *scored_cards_statement([]))
    assert revision is not None and card == [None, None, None]
    assert cost.buffers <= 5


# A word of every second tutor is on each page of the rows, which is visited once.
@pytest.mark.parametrize(
    ("clause", "bound"), [("'арфа'", 150), ("'немає'", 40), ("'хімія'", TUTORS // 4)]
)
def test_who_has_a_word_is_read_along_the_index(population: Any, clause: str, bound: int) -> None:
    cost, _ = run(population, HAVING, {"clause": clause})
    assert cost.read_whole == set()
    assert cost.buffers <= bound


def test_a_change_costs_its_tutor_s_document_once_however_many_words(population: Any) -> None:
    population.execute("""
        insert into public_changes (slot, version, previous, n, tutor_ids)
        values (7, 1, 0, 1, '{7007}') on conflict do nothing""")
    costs = []
    for number in (1, 300):
        clauses = [f"'слово{each}'" for each in range(number)]
        values = {"slots": [7], "versions": [0], "most": 2, "clauses": clauses}
        cost, rows = run(population, CHANGES, values)
        assert cost.read_whole <= {"public_changes"}
        assert [list(numbers) for kind, _, numbers in rows if kind == "change"] == [[7, 1, 0, 1]]
        costs.append(cost.buffers)
    assert costs[1] <= costs[0] <= 60
