"""The default ordering's score: best-filled and best-rated first, from the card alone."""

import pytest

from profiles.public.privacy import dump_card
from profiles.public.score import RULES, SCORE_EXPLANATION, score
from tests.profiles.profile_values import make_profile_values


def score_of(**values):
    return score(dump_card(make_profile_values(**values)))


@pytest.mark.parametrize(
    "less",
    [
        {"headline": ""},
        {"bio": ""},
        {"avatar_name": None},
        {"subjects": []},
        {"hourly_rate": None},
        {"experience_years": None},
        {"certifications": []},
        {"languages": []},
        {"rating": None},
    ],
    ids=lambda less: next(iter(less)),
)
def test_a_card_with_less_on_it_scores_less(less):
    assert score_of(**less) < score_of()


def test_what_is_hidden_earns_what_is_missing():
    assert score_of(show_bio_publicly=False) == score_of(bio="")
    assert score_of(show_avatar_publicly=False) == score_of(avatar_name=None)


def test_a_longer_bio_earns_more_up_to_a_point():
    scores = [score_of(bio="слово " * count) for count in (1, 30, 80, 300)]
    assert scores == sorted(scores)
    assert scores[0] < scores[1] < scores[2] == scores[3]


def test_one_enthusiast_counts_less_than_fifty_content_people():
    assert score_of(rating=5, reviews_count=1) < score_of(rating=4.5, reviews_count=50)


def test_bad_reviews_rank_below_none():
    assert score_of(rating=1.5, reviews_count=40) < score_of(rating=None, reviews_count=0)


def test_the_explanation_tells_every_rule():
    for rule in RULES:
        assert f"{rule.reason} {rule.points}" in SCORE_EXPLANATION
