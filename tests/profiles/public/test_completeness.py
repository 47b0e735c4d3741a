"""The score taken apart, and the advice that goes with what is not earned."""

from typing import Any

import pytest
from hypothesis import given

from profiles.public.completeness import RATING_ADVICE, SHOW_ADVICE, completeness
from profiles.public.privacy import HIDEABLE, ORIGINS, dump_card
from profiles.public.row import public_row
from profiles.public.score import HIGHEST_SCORE, PART_MAXIMA, RULES, score_parts
from profiles.public.visibility import visibility
from tests.profiles.profile_values import any_profile_values, make_profile_values


def part(name: str, **values: Any):
    parts = visibility(make_profile_values(**values)).completeness.parts
    return next(each for each in parts if each.name == name)


@given(any_profile_values)
def test_the_parts_add_up_to_the_stored_score(values: dict[str, Any]):
    row = public_row(values)
    assert row is not None
    parts = score_parts(dump_card(values))
    assert sum(each.points for each in parts) == row.values["score"]
    assert [each.name for each in parts] == [*PART_MAXIMA]
    assert all(each.points <= each.max for each in parts)
    assert visibility(values).completeness.score == row.values["score"]


@given(any_profile_values)
def test_there_is_advice_for_just_what_can_earn_more(values: dict[str, Any]):
    for each in visibility(values).completeness.parts:
        assert (each.advice is None) == (each.points == each.max)


def test_every_part_is_a_field_of_the_card():
    assert set(PART_MAXIMA) <= set(ORIGINS)
    assert {rule.field for rule in RULES} == set(PART_MAXIMA) - {"rating"}


def test_the_best_profile_that_could_be_earns_the_highest_score():
    best = make_profile_values(bio="слово " * 80, rating=5, reviews_count=10**9)
    assert visibility(best).completeness.score == HIGHEST_SCORE


@pytest.mark.parametrize(
    ("bio", "points", "advice"),
    [
        ("", 0, "Introduce yourself in a bio."),
        ("слово", 10, "Write at least 150 characters about yourself."),
        ("слово " * 30, 20, "Write at least 400 characters about yourself."),
        ("слово " * 80, 25, None),
    ],
)
def test_advice_names_the_next_step(bio: str, points: int, advice: str | None):
    assert part("bio", bio=bio) == ("bio", points, 25, advice)


def test_who_hides_a_value_is_advised_to_show_it_and_who_has_none_to_fill_it_in():
    hidden = part("subjects", show_subjects_publicly=False)
    assert (hidden.points, hidden.advice) == (0, SHOW_ADVICE["subjects"])
    unset = part("subjects", show_subjects_publicly=False, subjects=[])
    assert unset.advice == "Name your subjects."


def test_bad_reviews_cost_points():
    assert part("rating", rating=1, reviews_count=45).points < 0
    assert part("rating", rating=None).advice == RATING_ADVICE


def test_every_field_that_can_be_hidden_and_earns_points_has_advice_to_show_it():
    assert set(SHOW_ADVICE) == set(PART_MAXIMA) & set(HIDEABLE)


def test_what_is_hidden_earns_nothing():
    shown, hidden = dump_card(make_profile_values()), {"bio", "avatar_url"}
    blank = shown | {"bio": None, "avatar_url": None}
    assert completeness(shown, ()).score - completeness(blank, hidden).score == 10 + 15
