"""The doors beside the list: what each further choice would leave, and who is like a tutor."""

import orjson
from flask import Response, current_app

from common.http.api import Problem
from common.http.conditional import strong_etag
from common.http.errors import NotFound
from common.http.fields import LARGEST_INTEGER
from marketplace.cache.response_cache import current_request, revalidate_or_render
from marketplace.examples import CARD, IF_NONE_MATCH, NO_SUCH_TUTOR, TUTOR_ID, VALIDATORS
from marketplace.facets.counts import Counting
from marketplace.facets.examples import FACETS, FACETS_EXPLANATION
from marketplace.facets.schemas import FacetQuerySchema, FacetsSchema, SimilarTutorsSchema
from marketplace.listing.query import TutorQuery
from marketplace.rendering import RenderedResponse, to_response
from marketplace.routes import NOT_MODIFIED, blueprint
from marketplace.similar import similar_cards
from profiles.public.models import read_revision


@blueprint.route("/facets/", parameters=[IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.arguments(FacetQuerySchema, location="query")
@blueprint.response(200, FacetsSchema, examples=FACETS, headers=VALIDATORS)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.doc(description=FACETS_EXPLANATION)
def count_facets(query: TutorQuery) -> Response:
    """Count what each further filter would leave."""
    seconds = current_app.config["LIST_CACHE_SECONDS"]

    def read(revision: int | None) -> RenderedResponse:
        if revision is None:
            revision = read_revision()
        body = orjson.dumps(Counting(query, revision, seconds).read())
        return RenderedResponse(revision, strong_etag(body), 0, body)

    return to_response(revalidate_or_render(*current_request(), read, keep_body=bool(seconds)))


@blueprint.route("/tutors/<int:tutor_id>/similar/", parameters=[TUTOR_ID, IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.response(
    200,
    SimilarTutorsSchema,
    examples={
        "similar": {"summary": "One tutor is like the asked one", "value": {"results": [CARD]}}
    },
    headers=VALIDATORS,
)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.alt_response(
    404,
    schema=Problem,
    content_type="application/problem+json",
    example=NO_SUCH_TUTOR,
    description="Unknown, not a tutor, inactive or not public: always this one answer.",
)
def list_similar(tutor_id: int) -> Response:
    """List tutors like one tutor

    Up to six cards, of those with most subjects in common first, then of the nearest in price;
    never the tutor itself.
    """

    def read(revision: int | None) -> RenderedResponse:
        if revision is None:
            revision = read_revision()
        cards = similar_cards(tutor_id) if tutor_id <= LARGEST_INTEGER else None
        if cards is None:
            raise NotFound("There is no such tutor.")
        body = f'{{"results":[{",".join(cards)}]}}'.encode()
        return RenderedResponse(revision, strong_etag(body), len(cards), body)

    return to_response(revalidate_or_render(*current_request(), read))


__all__ = ["blueprint"]
