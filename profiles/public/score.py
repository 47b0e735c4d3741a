"""The score of the default ordering: best-filled and best-rated profiles first.

Made from the public card alone, so what is hidden earns exactly what is missing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from profiles.public.privacy import Card

POINTS_PER_STAR = 50
NEUTRAL_STARS = 3
# So many reviews count half of what very many would.
HALF_TRUSTED_REVIEWS = 5


@dataclass(frozen=True)
class Rule:
    """What a card earns `points` for."""

    points: int
    reason: str
    holds: Callable[[Card], bool]


def _bio_of(shortest: int) -> Callable[[Card], bool]:
    return lambda card: len(card["bio"] or "") >= shortest


RULES = (
    Rule(15, "a headline", lambda card: bool(card["headline"])),
    Rule(10, "a bio", _bio_of(1)),
    Rule(10, "a bio of 150 characters or more", _bio_of(150)),
    Rule(5, "a bio of 400 characters or more", _bio_of(400)),
    Rule(15, "an avatar", lambda card: bool(card["avatar_url"])),
    Rule(15, "subjects", lambda card: bool(card["subjects"])),
    Rule(10, "a price", lambda card: card["hourly_rate"] is not None),
    Rule(10, "years of experience", lambda card: card["experience_years"] is not None),
    Rule(5, "five years of experience or more", lambda card: (card["experience_years"] or 0) >= 5),
    Rule(10, "certifications", lambda card: bool(card["certifications"])),
    Rule(5, "languages", lambda card: bool(card["languages"])),
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


SCORE_EXPLANATION = (
    "The default order puts the best-filled and best-rated profiles first. What a card shows earns"
    f" points: {', '.join(f'{rule.reason} {rule.points}' for rule in RULES)}; and its rating"
    f" {POINTS_PER_STAR} × (stars − {NEUTRAL_STARS}) × reviews ÷ (reviews + {HALF_TRUSTED_REVIEWS})."
    " What is hidden earns nothing. Equal scores go by ascending id."
)
