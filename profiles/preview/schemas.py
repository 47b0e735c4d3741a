"""Request and response schemas of the owner's view of her public profile."""

from typing import Any

from marshmallow import fields, validate

from common.http.api import ResponseSchema, Schema
from common.http.schemas.fields import Flag
from profiles.public.privacy import TutorCardSchema
from profiles.public.score import HIGHEST_SCORE, LOWEST_SCORE, PART_MAXIMA
from profiles.public.visibility import FIELDS, REASONS

LONGEST_SENTENCE = 200


def _sentence(description: str, *, nullable: bool = False) -> fields.String:
    return fields.String(
        required=True,
        allow_none=nullable,
        metadata={"maxLength": LONGEST_SENTENCE, "description": description},
    )


def _points(low: int, high: int, description: str) -> fields.Integer:
    return fields.Integer(
        required=True,
        validate=validate.Range(min=low, max=high),
        metadata={"format": "int32", "description": description},
    )


def _field_names(description: str) -> fields.List:
    return fields.List(
        fields.String(validate=validate.OneOf(FIELDS)),
        required=True,
        validate=validate.Length(max=len(FIELDS)),
        metadata={"description": description},
    )


class PreviewQuery(Schema):
    """Which state of the profile."""

    draft = Flag(
        load_default=False,
        metadata={
            "description": "Show the profile as it would be if the draft were published now; without"
            " a draft that is as it is."
        },
    )


class UnlistedReason(ResponseSchema):
    """Why a profile is not listed."""

    code = fields.String(
        required=True,
        validate=validate.OneOf([reason.code for reason in REASONS.values()]),
        metadata={"description": "The reason's name, for programs."},
    )
    detail = _sentence("The reason in one sentence.")


class CompletenessPart(ResponseSchema):
    """What one field of the card earns."""

    name = fields.String(
        required=True,
        validate=validate.OneOf([*PART_MAXIMA]),
        metadata={"description": "The field of the card."},
    )
    points = _points(
        LOWEST_SCORE, max(PART_MAXIMA.values()), "What it earns now; negative for bad reviews."
    )
    max = _points(0, max(PART_MAXIMA.values()), "What it can earn at most.")
    advice = _sentence("What to do first for more; null where there is no more.", nullable=True)


class Completeness(ResponseSchema):
    """The score of the list's default order, part by part."""

    score = _points(LOWEST_SCORE, HIGHEST_SCORE, "The sum of all points.")
    max = _points(0, HIGHEST_SCORE, "The highest score there is.")
    parts = fields.List(
        fields.Nested(CompletenessPart),
        required=True,
        validate=validate.Length(equal=len(PART_MAXIMA)),
        metadata={"description": "One part per field that counts."},
    )


class PublicPreview(ResponseSchema):
    """A tutor's profile as strangers get it."""

    card: Any = fields.Nested(
        TutorCardSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The card, to the byte; null while the profile is not listed."},
    )
    listed = fields.Boolean(
        required=True, metadata={"description": "Whether the profile appears in public at all."}
    )
    reasons = fields.List(
        fields.Nested(UnlistedReason),
        required=True,
        validate=validate.Length(max=len(REASONS)),
        metadata={"description": "Why the profile is not listed; empty while it is."},
    )
    hidden = _field_names(
        "Fields of the card whose value is hidden by a setting; `email` until it is verified, too."
    )
    missing = _field_names(
        "Fields of the card that have no value; `rating` until there are reviews."
    )
    completeness = fields.Nested(
        Completeness,
        required=True,
        metadata={"description": "What the card earns; of an unlisted profile, what it would."},
    )
