"""`GET /me/activity/`: the caller's own log."""

from typing import Any

from flask import Response, request

from activity import examples
from activity.blueprint import PROBLEM, bp
from activity.log.answer import DEPRECATED_SINCE, answer_log
from activity.log.fast_path import raise_passed_failure
from activity.log.schemas import EVENT_QUERY, OwnEventPage
from common.http.auth import required_user_id
from common.http.conditional import ETAG_CHARACTERS, LONGEST_CONDITION
from common.http.pagination import LONGEST_URL, next_page_link

DEPRECATION = {
    "Deprecation": {
        "description": "Present when a deprecated parameter was used: since when it is (RFC 9745).",
        "schema": {"type": "string", "enum": [DEPRECATED_SINCE]},
    },
    "Link": {
        "description": "The neighbouring pages (RFC 8288).",
        "schema": {"type": "string", "maxLength": 2 * LONGEST_URL},
    },
}

IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The `ETag` of the copy at hand; while it holds, the answer is a bodiless 304.",
    "schema": {"type": "string", "maxLength": LONGEST_CONDITION},
}
ETAG = {
    "ETag": {
        "description": "Changes with every byte of the page; send it back as `If-None-Match`.",
        "schema": {"type": "string", "maxLength": ETAG_CHARACTERS + 2},
    }
}


@bp.route("/me/activity/", methods=["GET"], parameters=[IF_NONE_MATCH])
@bp.login("required", confirmed_by_statement=True)
@bp.arguments(EVENT_QUERY, location="query")
@bp.doc(responses={200: {"links": next_page_link("listOwnEvents")}})
@bp.response(200, OwnEventPage, examples=examples.PAGES, headers=DEPRECATION | ETAG)
@bp.alt_response(304, description="The copy at hand still holds", headers=ETAG)
@bp.alt_response(
    400,
    description="A cursor of another list, or `before` names none of the caller's events",
    example=examples.UNKNOWN_BEFORE,
    **PROBLEM,
)
@bp.alt_response(422, description="Invalid parameters", example=examples.REVERSED_DATES, **PROBLEM)
def list_own_events(query: dict[str, Any]) -> Response:
    """The caller's log, newest first

    Several values of one filter mean any of them; several filters, all of them. Polling with
    `If-None-Match` costs little while nothing has happened.
    """
    raise_passed_failure()
    answer = answer_log(required_user_id(), query, request.environ)
    return Response(answer.body, answer.status, headers=answer.headers)
