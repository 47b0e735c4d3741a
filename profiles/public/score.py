"""The score of the default ordering: best-filled and best-rated profiles first.

Made from the public card alone, so what is hidden earns exactly what is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from common.translation import Message, lazy_gettext
from profiles.public.privacy import Card

POINTS_PER_STAR = 50
NEUTRAL_STARS = 3
MOST_STARS = 5
# So many reviews count half of what very many would.
HALF_TRUSTED_REVIEWS = 5
RATING = "rating"


@dataclass(frozen=True)
class Rule:
    """What a card earns `points` for, in which of its fields, and what its owner can do for them."""

    field: str
    points: int
    reason: str
    advice: Message
    holds: Callable[[Card], bool]


def _bio_of(shortest: int) -> Callable[[Card], bool]:
    return lambda card: len(card["bio"] or "") >= shortest


RULES = (
    Rule(
        "headline",
        15,
        "a headline",
        lazy_gettext("Say in one sentence under your name what you teach and to whom."),
        lambda card: bool(card["headline"]),
    ),
    Rule("bio", 10, "a bio", lazy_gettext("Introduce yourself in a bio."), _bio_of(1)),
    Rule(
        "bio",
        10,
        "a bio of 150 characters or more",
        lazy_gettext("Write at least 150 characters about yourself."),
        _bio_of(150),
    ),
    Rule(
        "bio",
        5,
        "a bio of 400 characters or more",
        lazy_gettext("Write at least 400 characters about yourself."),
        _bio_of(400),
    ),
    Rule(
        "avatar_url",
        15,
        "an avatar",
        lazy_gettext("Upload a picture."),
        lambda card: bool(card["avatar_url"]),
    ),
    Rule(
        "subjects",
        15,
        "subjects",
        lazy_gettext("Name your subjects."),
        lambda card: bool(card["subjects"]),
    ),
    Rule(
        "hourly_rate",
        10,
        "a price",
        lazy_gettext("State the price of an hour."),
        lambda card: card["hourly_rate"] is not None,
    ),
    Rule(
        "experience_years",
        10,
        "years of experience",
        lazy_gettext("State your years of experience."),
        lambda card: card["experience_years"] is not None,
    ),
    Rule(
        "experience_years",
        5,
        "five years of experience or more",
        lazy_gettext("Five years of experience earn the rest."),
        lambda card: (card["experience_years"] or 0) >= 5,
    ),
    Rule(
        "certifications",
        10,
        "certifications",
        lazy_gettext("Name your certificates and diplomas."),
        lambda card: bool(card["certifications"]),
    ),
    Rule(
        "languages",
        5,
        "languages",
        lazy_gettext("Name the languages you teach in."),
        lambda card: bool(card["languages"]),
    ),
)


def score(card: Card) -> int:
    """The points a card earns; may be negative for many bad reviews."""
    return sum(rule.points for rule in RULES if rule.holds(card)) + _rating_points(card)


def _rating_points(card: Card) -> int:
    """Stars above or below the neutral rating, damped while there are few reviews."""
    if card["rating"] is None:
        return 0
    trust = card["reviews_count"] / (card["reviews_count"] + HALF_TRUSTED_REVIEWS)
    return round((card["rating"] - NEUTRAL_STARS) * POINTS_PER_STAR * trust)


class ScorePart(NamedTuple):
    """What one field of a card adds to its score, and what it could add at most."""

    name: str
    points: int
    max: int


# What each part can earn, in the order of the rules; `rating` is what many reviews come near to.
PART_MAXIMA: dict[str, int] = {
    **{
        each.field: sum(rule.points for rule in RULES if rule.field == each.field) for each in RULES
    },
    RATING: (MOST_STARS - NEUTRAL_STARS) * POINTS_PER_STAR,
}
HIGHEST_SCORE = sum(PART_MAXIMA.values())
LOWEST_SCORE = -NEUTRAL_STARS * POINTS_PER_STAR


def score_parts(card: Card) -> list[ScorePart]:
    """The score taken apart by field; the sum of all points is `score(card)`."""
    points = dict.fromkeys(PART_MAXIMA, 0)
    for rule in RULES:
        if rule.holds(card):
            points[rule.field] += rule.points
    points[RATING] = _rating_points(card)
    return [ScorePart(name, points[name], most) for name, most in PART_MAXIMA.items()]


SCORE_EXPLANATION = (
    "The default order puts the best-filled and best-rated profiles first. What a card shows earns"
    f" points: {', '.join(f'{rule.reason} {rule.points}' for rule in RULES)}; and its rating"
    f" {POINTS_PER_STAR} × (stars − {NEUTRAL_STARS}) × reviews ÷ (reviews + {HALF_TRUSTED_REVIEWS})."
    " What is hidden earns nothing. Equal scores go by ascending id."
)
