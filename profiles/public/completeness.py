"""How much of the score a card earns, and what its owner could do for the rest. Pure."""

from collections.abc import Container
from typing import NamedTuple

from common.translation import Message, lazy_gettext
from profiles.public.privacy import Card
from profiles.public.score import HIGHEST_SCORE, RATING, RULES, ScorePart, score, score_parts

# For a value that is there and that a flag hides, by field of the card.
SHOW_ADVICE: dict[str, Message] = {
    "bio": lazy_gettext("Your bio is hidden; show it to earn points for it."),
    "avatar_url": lazy_gettext("Your picture is hidden; show it to earn points for it."),
    "subjects": lazy_gettext("Your subjects are hidden; show them to earn points for them."),
    "certifications": lazy_gettext(
        "Your certifications are hidden; show them to earn points for them."
    ),
}
RATING_ADVICE = lazy_gettext(
    "Good reviews raise this, and many of them more than few; nothing else in the profile does."
)


class CompletenessPart(NamedTuple):
    """A part of the score; `advice` is None where it can't earn more."""

    name: str
    points: int
    max: int
    advice: Message | None


class Completeness(NamedTuple):
    score: int
    max: int
    parts: list[CompletenessPart]


def completeness(card: Card, hidden: Container[str]) -> Completeness:
    """The score of a card part by part; `hidden` names its fields whose value a flag hides."""
    parts = [
        CompletenessPart(*part, advice=_advice(part, card, hidden)) for part in score_parts(card)
    ]
    return Completeness(score(card), HIGHEST_SCORE, parts)


def _advice(part: ScorePart, card: Card, hidden: Container[str]) -> Message | None:
    """What to do first for the points that this part does not have."""
    if part.points >= part.max:
        return None
    if part.name == RATING:
        return RATING_ADVICE
    if part.name in hidden:
        return SHOW_ADVICE[part.name]
    unmet = (rule for rule in RULES if rule.field == part.name and not rule.holds(card))
    return next(unmet).advice
