"""The parameter and the answer of a tutor's insights."""

from marshmallow import fields, validate

from common.http.api import ResponseSchema, Schema
from common.http.schemas.fields import LARGEST_INTEGER
from marketplace.analytics.floor import FLOOR
from marketplace.analytics.period import DAYS, DEFAULT_PERIOD
from marketplace.insights.reading import MOST_QUERIES
from marketplace.listing.query import LONGEST_SEARCH

BELOW = f"null below {FLOOR}"


def count(description: str) -> fields.Integer:
    """A number from the floor on, or null."""
    return fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "format": "int32",
            "minimum": FLOOR,
            "maximum": LARGEST_INTEGER,
            "description": f"{description}; {BELOW}.",
        },
    )


class PeriodSchema(Schema):
    """Which days are wanted."""

    period = fields.String(
        validate=validate.OneOf(list(DAYS)),
        load_default=DEFAULT_PERIOD,
        metadata={"description": "The last 28 days, or the last 12 months; today included."},
    )


class InsightDaySchema(ResponseSchema):
    """One day, in UTC."""

    date = fields.String(
        required=True,
        metadata={"format": "date", "maxLength": 10, "description": "The day, in UTC."},
    )
    views = count("Visitors of the profile, each once a day, the tutor not counted")
    appearances = count("How often lists and searches showed the tutor")
    average_position = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "minimum": 1,
            "maximum": 100,
            "description": "Average place on first pages, from 1 on; null where these are fewer"
            f" than {FLOOR}.",
        },
    )
    saves = count("How many saved the tutor that day, and still have")


class InsightQuerySchema(ResponseSchema):
    """A search that led to the profile."""

    query = fields.String(
        required=True,
        metadata={
            "maxLength": 3 * LONGEST_SEARCH,
            "description": "What was searched for, in small letters.",
        },
    )
    views = count("Visitors who came by it, each once a day")


class InsightsSchema(ResponseSchema):
    """How a tutor was found."""

    days = fields.List(
        fields.Nested(InsightDaySchema),
        required=True,
        metadata={
            "maxItems": max(DAYS.values()),
            "description": "Every day of the period, oldest first.",
        },
    )
    queries = fields.List(
        fields.Nested(InsightQuerySchema),
        required=True,
        metadata={
            "maxItems": MOST_QUERIES,
            "description": "The searches that led to most views; only those that five different"
            " callers asked on one day of the period.",
        },
    )
