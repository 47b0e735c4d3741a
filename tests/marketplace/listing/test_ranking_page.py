"""docs/ranking.md tells the rules that are in force."""

import pytest

from common.config import ROOT
from marketplace.listing.query import ORDERINGS
from marketplace.listing.statements.words import BY_SYNONYM, PLACES
from profiles.public.score import (
    HALF_TRUSTED_REVIEWS,
    LOWEST_SCORE,
    NEUTRAL_STARS,
    PART_MAXIMA,
    POINTS_PER_STAR,
    RATING,
    RULES,
)
from profiles.public.search.document import WEIGHTS

pytestmark = pytest.mark.quick
TEXT = (ROOT / "docs" / "ranking.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]


def test_the_table_of_points_is_the_rule() -> None:
    points = [[rule.reason, str(rule.points)] for rule in RULES]
    start = ROWS.index(points[0])
    rating = (
        f"{POINTS_PER_STAR} × (stars − {NEUTRAL_STARS})"
        f" × reviews ÷ (reviews + {HALF_TRUSTED_REVIEWS})"
    )
    table = [*points, ["the rating", rating]]
    assert ROWS[start : start + len(table)] == table
    assert f"up to {PART_MAXIMA[RATING]} points or cost up to {-LOWEST_SCORE}" in TEXT


def test_the_table_of_classes_is_the_ranking() -> None:
    assert [row for row in ROWS if row[0].strip("`") in PLACES] == [
        [f"`{name}`", meaning] for name, meaning in PLACES.items()
    ]
    assert f"`{BY_SYNONYM}`" in TEXT


def test_every_ordering_and_every_searched_field_is_named() -> None:
    names = {name.removeprefix("-") for name in ORDERINGS} - {"best"} | set(WEIGHTS)
    assert [name for name in sorted(names) if f"`{name}`" not in TEXT] == []
