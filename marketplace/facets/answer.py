"""A request for facets, one way down: count by bitmaps or SQL, and render; or take it from a cache."""

from typing import Any

import orjson
from flask import current_app

from common.http.conditional import strong_etag
from marketplace.cache.admission import count_public_read, expensive_read
from marketplace.cache.rendering import RenderedResponse
from marketplace.cache.response_cache import revalidate_or_render
from marketplace.facets.counts import FacetReader, count_by_bitmaps
from marketplace.listing.found_page import corrected, is_corrected_inside
from marketplace.listing.query import TutorQuery
from marketplace.listing.spelling.correction import did_you_mean

FACETS_RULE = "/api/marketplace/facets/"


def find_facets(query: TutorQuery, environ: dict[str, Any]) -> RenderedResponse:
    """The response to a request for facets. Raises LimitExceeded, Unavailable, psycopg2.Error."""
    ttl_seconds = current_app.config["LIST_CACHE_SECONDS"]

    def render(revision: int) -> RenderedResponse:
        count_public_read(environ)
        indexed = count_by_bitmaps(query, revision)
        if indexed is not None:
            counts, revision = indexed
        else:
            with expensive_read():
                counts = _read_facets(query, revision, ttl_seconds)
        body = orjson.dumps(counts)
        return RenderedResponse(revision, strong_etag(body), 0, body)

    return revalidate_or_render(environ, FACETS_RULE, render, keep_body=bool(ttl_seconds))


def _read_facets(query: TutorQuery, revision: int, ttl_seconds: int) -> dict[str, Any]:
    """The counts of what the list shows: of the corrected query, where its results stand there."""
    counts = FacetReader(query, revision, ttl_seconds).read()
    # Who has the words but fails a filter is in that filter's own group; of an unknown word nobody is.
    if query.words.is_empty or any(counts["has_certifications"].values()):
        return counts
    correction = did_you_mean(query, revision)
    if correction is None or not is_corrected_inside(query, correction):
        return counts
    return FacetReader(corrected(query, correction), revision, ttl_seconds).read()
