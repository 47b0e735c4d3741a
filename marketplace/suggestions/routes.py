"""The route of suggestions, its schemas and examples."""

from typing import Any

import orjson
from flask import Response
from marshmallow import fields, post_load, validate

from common.http.api import CachedQuerySchema, ResponseSchema
from common.http.conditional import strong_etag
from common.http.schemas.fields import LARGEST_INTEGER, Text
from marketplace.blueprint import NOT_MODIFIED, blueprint
from marketplace.cache.rendering import RenderedResponse, to_response
from marketplace.cache.response_cache import current_request, revalidate_or_render
from marketplace.examples import IF_NONE_MATCH, VALIDATORS
from marketplace.listing.query import LONGEST_SEARCH
from marketplace.suggestions.suggest import KINDS, MOST_SUGGESTIONS, suggest
from profiles.accounts.models import LONGEST_NAME
from profiles.models import LONGEST_SUBJECT

LONGEST_TEXT = max(LONGEST_SEARCH * 3, 2 * LONGEST_NAME + 1)
SUGGESTIONS_EXPLANATION = (
    "For each word as it is typed. Subjects are those of the catalogue that some tutor shows, by"
    " any name in any language (`code` is what `subject` filters by); tutors go by the beginnings"
    " of their names, in either alphabet, the best profiles first; a query is what has been typed"
    " with its last word finished as in the headlines and subjects of the best tutors. What"
    " visitors have asked is never suggested."
)
SUGGESTIONS: dict[str, Any] = {
    "typed": {
        "summary": "For `мат`",
        "value": {
            "results": [
                {"type": "subject", "text": "Математика", "code": "math"},
                {"type": "tutor", "text": "Матвій Шевченко", "id": 17},
                {"type": "query", "text": "математики"},
            ]
        },
    },
    "nothing": {"summary": "Nothing goes on like that", "value": {"results": []}},
}


class SuggestionQuerySchema(CachedQuerySchema):
    q = Text(
        max=LONGEST_SEARCH,
        load_default="",
        metadata={"description": "What has been typed so far.", "examples": ["мат"]},
    )

    @post_load
    def _typed(self, data: dict[str, Any], **kwargs: Any) -> str:
        return str(data["q"])


class SuggestionSchema(ResponseSchema):
    """Something to search for, or somebody to look at."""

    type = fields.String(required=True, validate=validate.OneOf(KINDS))
    text = fields.String(
        required=True,
        metadata={"maxLength": LONGEST_TEXT, "description": "What to show."},
    )
    id = fields.Integer(
        metadata={
            "format": "int32",
            "minimum": 1,
            "maximum": LARGEST_INTEGER,
            "description": "Of a tutor only.",
        }
    )
    code = fields.String(
        metadata={"maxLength": LONGEST_SUBJECT, "description": "Of a subject only."}
    )


class SuggestionsSchema(ResponseSchema):
    results = fields.List(
        fields.Nested(SuggestionSchema),
        required=True,
        metadata={"maxItems": MOST_SUGGESTIONS},
    )


@blueprint.route("/suggestions/", parameters=[IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.arguments(SuggestionQuerySchema, location="query")
@blueprint.response(200, SuggestionsSchema, examples=SUGGESTIONS, headers=VALIDATORS)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.doc(description=SUGGESTIONS_EXPLANATION)
def list_suggestions(typed: str) -> Response:
    """Suggest what may be meant by what has been typed so far."""

    def render(revision: int) -> RenderedResponse:
        results = suggest(typed)
        body = orjson.dumps({"results": results})
        return RenderedResponse(revision, strong_etag(body), len(results), body)

    return to_response(revalidate_or_render(*current_request(), render))


__all__ = ["blueprint"]
