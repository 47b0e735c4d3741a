"""The endpoint of facets: what each further filter would leave."""

from flask import Response, request

from marketplace.blueprint import NOT_MODIFIED, blueprint
from marketplace.cache.rendering import to_response
from marketplace.examples import IF_NONE_MATCH, VALIDATORS
from marketplace.facets.answer import find_facets
from marketplace.facets.examples import FACETS, FACETS_EXPLANATION
from marketplace.facets.schemas import FACET_QUERY, FacetsSchema
from marketplace.listing.query import TutorQuery


@blueprint.route("/facets/", parameters=[IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.arguments(FACET_QUERY, location="query")
@blueprint.response(200, FacetsSchema, examples=FACETS, headers=VALIDATORS)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.alt_response(429, "TOO_MANY_REQUESTS")
@blueprint.doc(**{"x-limits": [{"setting": "PUBLIC_READ_LIMIT", "key": "uncached read"}]})
@blueprint.doc(description=FACETS_EXPLANATION)
def count_facets(query: TutorQuery) -> Response:
    """Count what each further filter would leave."""
    return to_response(find_facets(query, request.environ))
