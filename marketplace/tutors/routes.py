"""The public endpoints of tutors: the list, and one tutor. They read public rows and nothing else."""

from typing import Any

from flask import Response, request

from common.http.api import Problem
from common.http.problems.errors import NotFound
from common.translation import lazy_gettext
from marketplace.analytics.shown import ShownCard
from marketplace.blueprint import NOT_MODIFIED, blueprint
from marketplace.cache.rendering import RenderedResponse, to_response
from marketplace.examples import (
    CARDS,
    FROM_A_PAGE,
    IF_NONE_MATCH,
    LINK,
    NO_SUCH_TUTOR,
    PAGES,
    QUERIES,
    TUTOR_ID,
    VALIDATORS,
)
from marketplace.listing.query import TutorQuery
from marketplace.listing.statements.relevance_page import SEARCH_EXPLANATION
from marketplace.tutors.card import find_card
from marketplace.tutors.events import observe_all
from marketplace.tutors.page import find_tutors
from marketplace.tutors.page_schema import TutorPageSchema
from marketplace.tutors.schemas import CARD_SOURCE, TUTOR_QUERY
from profiles.public.privacy import TutorCardSchema
from profiles.public.score import SCORE_EXPLANATION


@blueprint.route("/tutors/", parameters=[IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.arguments(TUTOR_QUERY, location="query")
@blueprint.response(200, TutorPageSchema, examples=PAGES, headers=VALIDATORS | LINK)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.alt_response(429, "TOO_MANY_REQUESTS")
@blueprint.doc(**{"x-limits": [{"setting": "PUBLIC_READ_LIMIT", "key": "uncached read"}]})
@blueprint.doc(
    description=f"{QUERIES}\n{SCORE_EXPLANATION}\n\n{SEARCH_EXPLANATION}",
    responses={200: {"links": FROM_A_PAGE}},
)
def list_tutors(query: TutorQuery) -> Response:
    """List tutors: filter, search, order, page."""
    return _observed(find_tutors(query, request.environ))


@blueprint.route("/tutors/<int:tutor_id>/", parameters=[TUTOR_ID, IF_NONE_MATCH])
@blueprint.login("optional")
@blueprint.arguments(CARD_SOURCE, location="query")
@blueprint.response(200, TutorCardSchema, examples=CARDS, headers=VALIDATORS)
@blueprint.alt_response(304, description=NOT_MODIFIED, headers=VALIDATORS)
@blueprint.alt_response(
    404,
    schema=Problem,
    content_type="application/problem+json",
    example=NO_SUCH_TUTOR,
    description="Unknown, not a tutor, inactive or not public: always this one answer.",
)
def get_tutor(source: dict[str, Any], tutor_id: int) -> Response:
    """Show one tutor.

    The same card as in the list. Counts as a view in the log of whoever looks, and once a day and
    visitor in the tutor's insights. `query_id` and `position` say which list led here.
    """
    shown = ShownCard(tutor_id, source.get("query_id"), source.get("position"))
    rendered = find_card(shown)
    if rendered is None:
        raise NotFound(lazy_gettext("There is no such tutor."))
    return _observed(rendered)


def _observed(rendered: RenderedResponse) -> Response:
    """The response, recorded and counted."""
    response = to_response(rendered)
    observe_all(rendered.events, response.status_code, rendered.shown)
    return response
