"""The endpoint of a tutor's insights."""

from typing import Any

import orjson
from flask import Response

from common.http.api import Blueprint, Problem
from common.http.auth import required_user_id
from common.http.problems.errors import Forbidden
from common.translation import lazy_gettext
from marketplace.insights.examples import INSIGHTS, TUTORS_ONLY
from marketplace.insights.reading import insights_of
from marketplace.insights.schemas import InsightsSchema, PeriodSchema
from profiles.accounts.lookup import get_user

insights = Blueprint(
    "insights",
    __name__,
    url_prefix="/api/me/insights",
    description="How you are found: what visitors saw of you, as daily counts that name nobody.",
)


@insights.route("/", methods=["GET"])
@insights.login("required")
@insights.arguments(PeriodSchema, location="query")
@insights.response(200, InsightsSchema, example=INSIGHTS)
@insights.alt_response(
    403,
    schema=Problem,
    content_type="application/problem+json",
    description="Not a tutor",
    example=TUTORS_ONLY,
)
def read_insights(query: dict[str, Any]) -> Response:
    """How you were found: views, appearances, saves, and the searches that led to you

    For tutors. Days are in UTC. A visitor counts once a day, and your own views do not. A number
    below five is null, so that no single visitor can be recognised, and a search stands here only
    where five different callers asked it on one day. Counts go on while a profile is not public;
    what is erased is in none of them.
    """
    user = get_user(required_user_id())
    if user.role != "tutor":
        raise Forbidden(lazy_gettext("Only tutors have insights."))
    body = orjson.dumps(insights_of(user.id, query["period"]))
    return Response(
        body, mimetype="application/json", headers={"Cache-Control": "private, no-store"}
    )
