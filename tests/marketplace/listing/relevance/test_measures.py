"""The measures themselves, by examples worked out by hand."""

import math

import pytest

from tests.marketplace.listing.relevance.judgements import Grade, JudgedQuery
from tests.marketplace.listing.relevance.measures import Result, dcg, measure

pytestmark = pytest.mark.quick
GRADES = {"a": Grade.OWN, "b": Grade.SYNONYM, "c": Grade.RELATED}


def result(*found: str, grades: dict[str, Grade] = GRADES) -> Result:
    return Result(JudgedQuery("query", "kind", "en", grades), found)


def test_gains_are_discounted_by_the_logarithm_of_the_place() -> None:
    assert dcg([Grade.OWN, Grade.WRONG, Grade.SYNONYM]) == pytest.approx(7 + 3 / 2)


def test_only_the_first_ten_count() -> None:
    assert dcg([Grade.WRONG] * 10 + [Grade.OWN]) == 0


@pytest.mark.parametrize("found", ["abc", "ab", "abcx", "abx"])
def test_the_ideal_order_is_1_with_or_without_who_is_related(found: str) -> None:
    assert result(*found).ndcg == pytest.approx(1)


def test_the_strict_measure_wants_who_is_related() -> None:
    ideal = 7 + 3 / math.log2(3) + 1 / 2
    assert result("a", "b").strict_ndcg == pytest.approx((ideal - 1 / 2) / ideal)
    assert result("a", "b", "c").strict_ndcg == pytest.approx(1)


@pytest.mark.parametrize("worse", ["bac", "acb", "cab", "xab", "a", "b", ""])
def test_any_other_order_is_worse(worse: str) -> None:
    measured = result(*worse).ndcg
    assert measured is not None and measured < 0.999


def test_nothing_is_measured_where_nobody_has_to_be_found() -> None:
    assert result("x", grades={}).ndcg is None
    assert measure([result("x", grades={})]).precision == 0


def test_mistakes_are_named() -> None:
    assert result("a", "b", "c").is_faultless and result("a", "b").is_faultless
    faulty = result("x", "c", "a")
    assert (faulty.missed, faulty.wrong) == (["b"], ["x"])
    assert faulty.misplaced == [("c", "x"), ("a", "x")]


def test_who_is_related_counts_neither_for_precision_nor_for_recall() -> None:
    figures = measure([result("a", "c", "x"), result("c")])
    assert (figures.precision, figures.recall) == (1 / 2, 1 / 4)
