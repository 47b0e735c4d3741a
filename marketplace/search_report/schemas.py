"""The answer of the search report."""

from marshmallow import fields

from common.http.api import ResponseSchema
from common.http.schemas.fields import LARGEST_INTEGER
from marketplace.analytics.floor import FLOOR
from marketplace.analytics.period import DAYS
from marketplace.insights.schemas import count
from marketplace.listing.query import LONGEST_SEARCH, Filters
from marketplace.search_report.reading import MOST_POSITIONS, MOST_QUERIES


def number(description: str) -> fields.Integer:
    """A number that is listed from the floor on."""
    return fields.Integer(
        required=True,
        metadata={
            "format": "int32",
            "minimum": FLOOR,
            "maximum": LARGEST_INTEGER,
            "description": description,
        },
    )


class ReportedQuerySchema(ResponseSchema):
    """A query and how often it was asked."""

    query = fields.String(
        required=True,
        metadata={
            "maxLength": 3 * LONGEST_SEARCH,
            "description": "What was searched for, in small letters.",
        },
    )
    searches = number("Requests for its first page.")


class ReportedFilterSchema(ResponseSchema):
    """A filter and how often it was used."""

    filter = fields.String(
        required=True, metadata={"maxLength": 50, "description": "The name of its parameter."}
    )
    searches = number("Requests for a first page with it, whatever its value.")


class ReportedPositionSchema(ResponseSchema):
    """A place on first pages."""

    position = fields.Integer(
        required=True,
        metadata={
            "format": "int32",
            "minimum": 1,
            "maximum": MOST_POSITIONS,
            "description": "The place, from 1 on.",
        },
    )
    appearances = number("How often somebody was shown there.")
    views = count("Visitors who opened that card, by what their clients say")
    click_through = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "minimum": 0,
            "maximum": 1,
            "description": "Views per appearance; null where there are too few views to tell.",
        },
    )


def _most(schema: type[ResponseSchema], most: int, description: str) -> fields.List:
    return fields.List(
        fields.Nested(schema),
        required=True,
        metadata={"maxItems": most, "description": description},
    )


class SearchReportSchema(ResponseSchema):
    """What visitors search for."""

    period = fields.String(
        required=True,
        metadata={"enum": list(DAYS), "description": "The days that are reported, in UTC."},
    )
    queries = _most(ReportedQuerySchema, MOST_QUERIES, "The most frequent queries.")
    without_results = _most(
        ReportedQuerySchema, MOST_QUERIES, "Those most often answered with no tutor at all."
    )
    filters = _most(
        ReportedFilterSchema, len(Filters.__dataclass_fields__), "The filters that are used."
    )
    positions = _most(ReportedPositionSchema, MOST_POSITIONS, "Click-through by position.")
