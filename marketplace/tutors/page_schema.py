"""A page of the list as the OpenAPI document describes it, with what `explain` adds to its rows."""

from marshmallow import fields, validate

from common.http.api import ResponseSchema
from common.http.pagination import LARGEST_PAGE, LONGEST_CURSOR, LONGEST_URL
from common.http.schemas.fields import LARGEST_INTEGER
from marketplace.listing.query import COUNTED_UP_TO, LONGEST_SEARCH, QUERY_ID_CHARACTERS
from marketplace.listing.statements.words import CLASS_NAMES, PLACES
from profiles.public.privacy import TutorCardSchema
from profiles.public.score import LOWEST_SCORE, PART_MAXIMA
from profiles.public.search.document import WEIGHTS

PLACES_TEXT = "; ".join(f"`{name}`: {meaning}" for name, meaning in PLACES.items())


class ScorePartSchema(ResponseSchema):
    """What one field of the card adds to the score of the default order."""

    name = fields.String(
        required=True,
        validate=validate.OneOf([*PART_MAXIMA]),
        metadata={"description": "The field of the card."},
    )
    points = fields.Integer(
        required=True,
        validate=validate.Range(min=LOWEST_SCORE, max=max(PART_MAXIMA.values())),
        metadata={"format": "int32", "description": "Negative for bad reviews."},
    )
    max = fields.Integer(
        required=True,
        validate=validate.Range(min=0, max=max(PART_MAXIMA.values())),
        metadata={"format": "int32", "description": "What it can add at most."},
    )


class ListedTutorSchema(TutorCardSchema):
    """A card in the list; with `explain=true` it says why it stands where it does."""

    class_ = fields.String(
        data_key="class",
        allow_none=True,
        validate=validate.OneOf(CLASS_NAMES),
        metadata={
            "description": f"Only with `explain`. Where the words of the search stand: {PLACES_TEXT};"
            " with `_by_synonym` where one of them is there only as a synonym or a translation."
            " By `relevance` the classes decide the order, best first. null without words."
        },
    )
    matched = fields.List(
        fields.String(validate=validate.OneOf([*WEIGHTS])),
        validate=validate.Length(max=len(WEIGHTS)),
        metadata={
            "description": "Only with `explain`. The fields of the card that have a word of the"
            " search, in any form or as a synonym; empty without words."
        },
    )
    score_parts = fields.List(
        fields.Nested(ScorePartSchema),
        validate=validate.Length(equal=len(PART_MAXIMA)),
        metadata={"description": "Only with `explain`. The score, field by field."},
    )


class TutorPageSchema(ResponseSchema):
    """A page of cards."""

    results = fields.List(
        fields.Nested(ListedTutorSchema),
        required=True,
        metadata={"maxItems": LARGEST_PAGE},
    )
    next = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "format": "uri",
            "maxLength": LONGEST_URL,
            "description": "The next page's address, every other parameter kept.",
        },
    )
    previous = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "format": "uri",
            "maxLength": LONGEST_URL,
            "description": "The address of the page before this one.",
        },
    )
    next_cursor = fields.String(
        required=True,
        allow_none=True,
        metadata={"maxLength": LONGEST_CURSOR, "description": "The `cursor` of the next page."},
    )
    has_more = fields.Boolean(required=True, metadata={"description": "Whether `next` exists."})
    count = fields.Integer(
        required=True,
        metadata={
            "format": "int32",
            "minimum": 0,
            "maximum": LARGEST_INTEGER,
            "description": "How many tutors match. With a search, and for moments after the"
            f" service has started, counted up to {COUNTED_UP_TO}.",
            "example": 37,
        },
    )
    count_capped = fields.Boolean(
        required=True, metadata={"description": "Whether there are more than `count`, or may be."}
    )
    did_you_mean = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "maxLength": 2 * LONGEST_SEARCH,
            "description": (
                "The corrected query, when nothing matches and a spelling close to a known word"
                " would. Of several words, the results are then those of the corrected query."
            ),
        },
    )
    query_id = fields.String(
        required=True,
        metadata={
            "minLength": QUERY_ID_CHARACTERS,
            "maxLength": QUERY_ID_CHARACTERS,
            "description": "A hash of search, filters and ordering: the same on every page and for"
            " everybody who asks the same.",
        },
    )
