"""The endpoint of facets: what each further filter would leave."""

from typing import Any

import orjson
from flask import Response, current_app, request

from common.http.conditional import strong_etag
from marketplace.blueprint import NOT_MODIFIED, blueprint
from marketplace.cache.admission import count_public_read, expensive_read
from marketplace.cache.rendering import RenderedResponse, to_response
from marketplace.cache.response_cache import current_request, revalidate_or_render
from marketplace.examples import IF_NONE_MATCH, VALIDATORS
from marketplace.facets.counts import FacetReader, count_by_bitmaps
from marketplace.facets.examples import FACETS, FACETS_EXPLANATION
from marketplace.facets.schemas import FacetQuerySchema, FacetsSchema
from marketplace.listing.found_page import corrected, is_corrected_inside
from marketplace.listing.query import TutorQuery
from marketplace.listing.spelling import did_you_mean


@blueprint.route("/facets/", parameters=[IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.arguments(FacetQuerySchema, location="query")
@blueprint.response(200, FacetsSchema, examples=FACETS, headers=VALIDATORS)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.alt_response(429, "TOO_MANY_REQUESTS")
@blueprint.doc(**{"x-limits": [{"setting": "PUBLIC_READ_LIMIT", "key": "uncached read"}]})
@blueprint.doc(description=FACETS_EXPLANATION)
def count_facets(query: TutorQuery) -> Response:
    """Count what each further filter would leave."""
    ttl_seconds = current_app.config["LIST_CACHE_SECONDS"]

    def render(revision: int) -> RenderedResponse:
        count_public_read(request.environ)
        indexed = count_by_bitmaps(query, revision)
        if indexed is not None:
            counts, revision = indexed
        else:
            with expensive_read():
                counts = _read_facets(query, revision, ttl_seconds)
        body = orjson.dumps(counts)
        return RenderedResponse(revision, strong_etag(body), 0, body)

    return to_response(
        revalidate_or_render(*current_request(), render, keep_body=bool(ttl_seconds))
    )


def _read_facets(query: TutorQuery, revision: int, ttl_seconds: int) -> dict[str, Any]:
    """The counts of what the list shows: of the corrected query, where its results stand there."""
    counts = FacetReader(query, revision, ttl_seconds).read()
    # Who has the words but fails a filter is in that filter's own group; of an unknown word nobody is.
    if query.words.is_empty or any(counts["has_certifications"].values()):
        return counts
    correction = did_you_mean(query)
    if correction is None or not is_corrected_inside(query, correction):
        return counts
    return FacetReader(corrected(query, correction), revision, ttl_seconds).read()
