"""What it costs to ask whether somebody shows a word, in pages touched: the last tier is not walked."""

from typing import Any

import pytest

from marketplace.listing.spelling.near_words import shown_words_statement
from tests.marketplace.plans.explain import run

WORDS = {"хімія": True, "львів": True, "арфа": True, "удав": True, "тріо": True, "немає": False}


@pytest.mark.parametrize("word", WORDS)
def test_whether_a_word_is_shown_is_read_along_the_index(population: Any, word: str) -> None:
    cost, rows = run(population, *shown_words_statement([word]))
    assert [found for (found,) in rows] == [word] * WORDS[word]
    assert cost.read_whole == set()
    # тріо is one of the commonest words, and nobody of the first tiers has it.
    assert cost.buffers <= (4_000 if word == "тріо" else 400)
    if word in ("хімія", "львів", "арфа"):
        assert set(cost.visited) == {"public_search_0"}


def test_forty_candidates_cost_no_more_than_forty_times_one(population: Any) -> None:
    words = ["хімія", "арфа", "немає", "удав"] * 10
    cost, rows = run(population, *shown_words_statement(words))
    assert cost.read_whole == set() and len(rows) == 30
    assert cost.buffers <= 40 * 100
