"""`GET /me/activity/`: the caller's own log."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from flask import Response, request

from activity import examples
from activity.blueprint import PROBLEM, bp
from activity.confirmed_reading import Read, confirming
from activity.dates import end_of_day, start_of_day, time_zone_of
from activity.reading import (
    EventFilter,
    EventVersion,
    event_document,
    find_event,
    find_events,
    find_versions,
    key_of,
    log_scope,
    version_of,
)
from activity.schemas import EventQuery, OwnEventPage
from common.database.replicas import LOG, position_reader
from common.http.auth import required_user_id
from common.http.conditional import (
    ETAG_CHARACTERS,
    LONGEST_CONDITION,
    not_modified,
    strong_etag,
    with_etag,
)
from common.http.errors import BadRequest, Invalid
from common.http.host import host_of
from common.http.pagination import (
    DEFAULT_PAGE_SIZE,
    LONGEST_URL,
    Position,
    envelope,
    link,
    next_page_link,
    page_of,
    read_cursor,
)
from common.translation import lazy_gettext

EVENT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# When `limit` and `before` became older names (RFC 9745).
DEPRECATED_SINCE = "@1767225600"

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

PRIVATE = "private, no-cache"
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
@bp.arguments(EventQuery, location="query")
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
    user_id = required_user_id()
    event_filter, scope = _filter(user_id, query)
    scope = log_scope(user_id, scope)
    read = confirming(position_reader(LOG))
    position = _position(read, user_id, query, scope)
    size = query.get("page_size") or query.get("limit") or DEFAULT_PAGE_SIZE
    if request.if_none_match:
        tag = _tag(find_versions(read, user_id, event_filter, position, size + 1))
        if unchanged := not_modified(tag):
            unchanged.headers["Cache-Control"] = PRIVATE
            return unchanged
    events = find_events(read, user_id, event_filter, position, size + 1)
    page = page_of(events, key_of, size, position, scope)
    body = envelope(page, [event_document(event) for event in page.rows])
    response = Response(orjson.dumps(body), mimetype="application/json")
    with_etag(response, _tag(map(version_of, events)), PRIVATE)
    if "limit" in query or "before" in query:
        response.headers["Deprecation"] = DEPRECATED_SINCE
    return link(response, body["next"], body["previous"])


def _tag(versions: Iterable[EventVersion]) -> str:
    """Of a page's events and its address, which together determine every byte of it."""
    environ = request.environ
    address = (environ["wsgi.url_scheme"], host_of(environ), environ["QUERY_STRING"])
    return strong_etag(*address, orjson.dumps([tuple(each) for each in versions]))


def _filter(user_id: int, query: dict[str, Any]) -> tuple[EventFilter, str]:
    """The filter of a query, and the scope of its cursors: the filter as it was written."""
    actions = tuple(sorted(set(query["action"])))
    entity_types = tuple(sorted(set(query["entity_type"])))
    start, end = query.get("date_from"), query.get("date_to")
    since, until = start, end
    if any(bound is not None and not isinstance(bound, datetime) for bound in (start, end)):
        zone = time_zone_of(user_id)
        if start is not None and not isinstance(start, datetime):
            since = start_of_day(start, zone)
        if end is not None and not isinstance(end, datetime):
            until = end_of_day(end, zone)
    if since is not None and until is not None and since > until:
        raise Invalid({"date_to": [lazy_gettext("Must not be before date_from.")]}, "query")
    return (
        EventFilter(actions, entity_types, since, until),
        orjson.dumps([actions, entity_types, start, end]).decode(),
    )


def _position(read: Read, user_id: int, query: dict[str, Any], scope: str) -> Position | None:
    """Where the page begins; an older client may name an event instead of a cursor.

    Raises BadRequest, naming the parameter.
    """
    before: str | None = query.get("before")
    if "cursor" in query:
        return read_cursor(query["cursor"], scope)
    if before is None:
        return None
    if not EVENT_ID.fullmatch(before):
        return _read_before(before, scope)
    event = find_event(user_id, UUID(before), read=read)
    if event is None:
        raise BadRequest(
            lazy_gettext("before: none of your events has this id."),
            errors={"query": {"before": [lazy_gettext("None of your events has this id.")]}},
        )
    return Position(key_of(event))


def _read_before(before: str, scope: str) -> Position:
    try:
        return read_cursor(before, scope, "before")
    except BadRequest:
        raise BadRequest(
            lazy_gettext(
                "before: neither the id of one of your events nor a cursor of this list and its filters."
            ),
            errors={
                "query": {
                    "before": [lazy_gettext("Neither an event's id nor a cursor of this list.")]
                }
            },
        ) from None
