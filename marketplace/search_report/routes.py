"""The search report over HTTP, for administrators."""

from typing import Any

import orjson
from flask import Response

from common.http.api import Blueprint, Problem
from common.http.auth import required_user_id
from common.http.problems.errors import Forbidden
from common.translation import lazy_gettext
from marketplace.insights.schemas import PeriodSchema
from marketplace.search_report.examples import ADMINISTRATORS_ONLY, REPORT
from marketplace.search_report.reading import search_report
from marketplace.search_report.schemas import SearchReportSchema
from profiles.accounts.lookup import get_user

ADMINISTRATORS = {"admin", "superadmin"}

admin = Blueprint(
    "administration",
    __name__,
    url_prefix="/api/admin",
    description="For administrators, whose accounts `flask create-admin` makes.",
)


@admin.route("/search-report/", methods=["GET"])
@admin.login("required")
@admin.arguments(PeriodSchema, location="query")
@admin.response(200, SearchReportSchema, example=REPORT)
@admin.alt_response(
    403,
    schema=Problem,
    content_type="application/problem+json",
    description="No administrator",
    example=ADMINISTRATORS_ONLY,
)
def read_search_report(query: dict[str, Any]) -> Response:
    """What visitors search for: frequent queries, those without results, filters, click-through

    For administrators. A query is named only where five different callers asked it on one day, and
    a number below five is null. Click-through counts the views whose client named a position: as
    `query_id` and `position` of the card, or in the metadata of a `profile.viewed` event.
    """
    if get_user(required_user_id()).role not in ADMINISTRATORS:
        raise Forbidden(lazy_gettext("Only administrators may read this."))
    body = orjson.dumps(search_report(query["period"]))
    return Response(
        body, mimetype="application/json", headers={"Cache-Control": "private, no-store"}
    )
