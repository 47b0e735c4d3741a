"""The older list of tutors, a bare array, for clients that still read it."""

import orjson
from flask import Response, current_app, request

from common.http.auth import current_user_id
from common.http.blueprint import Blueprint
from common.http.conditional import strong_etag
from common.http.schemas.base import ResponseSchema
from marketplace.analytics.counting import count_shown
from marketplace.analytics.shown import ShownPage, packed
from marketplace.blueprint import NOT_MODIFIED
from marketplace.cache.rendering import RenderedResponse, to_response
from marketplace.cache.response_cache import current_request, revalidate_or_render
from marketplace.examples import CARD, IF_NONE_MATCH, VALIDATORS
from marketplace.listing.pages import read_page
from marketplace.listing.query import TutorQuery
from marketplace.listing.rows import card_of, tutor_id_of
from profiles.public.privacy import TutorCardSchema

LONGEST_LIST = 100
NAMES = ("id", "full_name", "email", "bio", "subjects")

blueprint = Blueprint(
    "Older list of tutors",
    __name__,
    url_prefix="/api/tutors",
    description="Use the marketplace's list: it pages, filters and searches.",
)


class PublicTutorSchema(ResponseSchema):
    """A part of a tutor's card, under the same flags."""

    class Meta(ResponseSchema.Meta):
        include = {name: TutorCardSchema._declared_fields[name] for name in NAMES}


@blueprint.route("/public-list/", parameters=[IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.response(
    200,
    PublicTutorSchema(many=True),
    examples={
        "one": {"summary": "One tutor", "value": [{name: CARD[name] for name in NAMES}]},
    },
    headers=VALIDATORS,
)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.doc(deprecated=True, **{"x-max-items": LONGEST_LIST})
def list_public_tutors() -> Response:
    """List the first hundred tutors

    In the default order of `GET /api/marketplace/tutors/`, which replaces it.
    """

    def render(revision: int) -> RenderedResponse:
        rows = read_page(TutorQuery(), None, LONGEST_LIST).rows
        shown = ShownPage(packed(map(tutor_id_of, rows)), True)
        cards = [orjson.loads(card_of(row)) for row in rows]
        body = orjson.dumps([{name: card[name] for name in NAMES} for card in cards])
        return RenderedResponse(revision, strong_etag(body), len(cards), body, shown=shown)

    keep_body = bool(current_app.config["LIST_CACHE_SECONDS"])
    rendered = revalidate_or_render(*current_request(), render, keep_body=keep_body)
    if request.method == "GET":
        count_shown(rendered.shown, request.environ, current_user_id())
    return to_response(rendered)
