"""The doors of the log: the caller's own events, one triggered, and batches of telemetry."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

import orjson
from flask import Response, request

from activity import examples
from activity.dates import end_of_day, start_of_day, time_zone_of
from activity.ingestion import BatchOutcome, store_batch, store_event
from activity.rate_limit_events import record_rate_limited
from activity.reading import (
    EventFilter,
    event_page,
    find_event,
    key_of,
    log_scope,
    present,
)
from activity.schemas import (
    BatchReceipt,
    EventBatch,
    EventQuery,
    OwnEvent,
    OwnEventPage,
    TriggeredEvent,
)
from common.database.session import db
from common.http.api import Blueprint, Problem
from common.http.auth import current_user_id, required_user_id
from common.http.errors import BadRequest, Invalid
from common.http.pagination import (
    DEFAULT_PAGE_SIZE,
    LONGEST_URL,
    Position,
    envelope,
    link,
    make_cursor,
    next_page_link,
    read_cursor,
)
from common.http.problem_codes import ProblemCode

PROBLEM: dict[str, Any] = {
    "schema": Problem,
    "content_type": "application/problem+json",
}
LARGEST_BATCH_BYTES = 64 * 1024
IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,128}")
EVENT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# When `limit` and `before` became older names (RFC 9745).
DEPRECATED_SINCE = "@1767225600"

KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Makes a repeated call safe: within a day, the same key answers the first event"
    " again and stores nothing.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 128,
        "pattern": "^[ -~]{1,128}$",
    },
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
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

bp = Blueprint(
    "activity",
    __name__,
    url_prefix="/api",
    description="What happened: each person reads their own log. The server records what changes"
    " accounts and profiles; clients may add events of their own.",
)


def limit_batch_bytes(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a larger body before it is read."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = LARGEST_BATCH_BYTES
        return view(*args, **kwargs)

    return checked


@bp.route("/me/activity/", methods=["GET"])
@bp.login("required")
@bp.arguments(EventQuery, location="query")
@bp.doc(responses={200: {"links": next_page_link("listOwnEvents")}})
@bp.response(200, OwnEventPage, examples=examples.PAGES, headers=DEPRECATION)
@bp.alt_response(
    400,
    description="A cursor of another list, or `before` names none of the caller's events",
    example=examples.UNKNOWN_BEFORE,
    **PROBLEM,
)
@bp.alt_response(422, description="Invalid parameters", example=examples.REVERSED_DATES, **PROBLEM)
def list_own_events(query: dict[str, Any]) -> Response:
    """The caller's log, newest first

    Several values of one filter mean any of them; several filters, all of them.
    """
    user_id = required_user_id()
    wanted, scope = _filter(user_id, query)
    page = event_page(
        user_id,
        wanted,
        _cursor(user_id, query, scope),
        query.get("page_size") or query.get("limit") or DEFAULT_PAGE_SIZE,
        scope,
    )
    body = envelope(page, [present(event) for event in page.rows])
    response = Response(orjson.dumps(body), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    if "limit" in query or "before" in query:
        response.headers["Deprecation"] = DEPRECATED_SINCE
    return link(response, body["next"], body["previous"])


def _filter(user_id: int, query: dict[str, Any]) -> tuple[EventFilter, str]:
    """The filter asked for, and what its cursors are bound to: the filter as it was written."""
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
        raise Invalid({"date_to": ["Must not be before date_from."]}, "query")
    return (
        EventFilter(actions, entity_types, since, until),
        orjson.dumps([actions, entity_types, start, end]).decode(),
    )


def _cursor(user_id: int, query: dict[str, Any], scope: str) -> str | None:
    """The cursor to go on from; an older client may name an event instead."""
    before: str | None = query.get("before")
    if before is None or not EVENT_ID.fullmatch(before):
        if before is not None and not query.get("cursor"):
            read_cursor(before, log_scope(user_id, scope), "before")
        return query.get("cursor") or before
    event = find_event(user_id, UUID(before))
    if event is None:
        raise BadRequest(
            "before: none of your events has this id.",
            errors={"query": {"before": ["None of your events has this id."]}},
        )
    return make_cursor(Position(key_of(event)), log_scope(user_id, scope))


@bp.route("/me/activity/trigger/", methods=["POST"])
@bp.login("required")
@bp.limit("TRIGGER_LIMIT", on_breach=record_rate_limited)
@bp.doc(parameters=[KEY_HEADER])
@bp.arguments(TriggeredEvent, example=examples.TRIGGER)
@bp.response(201, OwnEvent, example=examples.EVENT)
@bp.alt_response(
    400,
    description="Malformed JSON or `Idempotency-Key`",
    example=examples.MALFORMED_KEY,
    **PROBLEM,
)
@bp.alt_response(422, description="Invalid values", example=examples.RESERVED_ACTION, **PROBLEM)
@bp.alt_response(
    429,
    description="Beyond the limit; the log tells of it at most once a minute",
    example=examples.SLOW_DOWN,
    **PROBLEM,
)
def trigger_event(body: dict[str, Any]) -> Response:
    """Record one event of the caller's

    It is stored for good before the answer. Limited per person, not per device.
    """
    event = store_event(required_user_id(), body, _idempotency_key())
    return Response(orjson.dumps(present(event)), 201, mimetype="application/json")


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        raise BadRequest(
            "Idempotency-Key must be 1 to 128 printable ASCII characters.",
            code=ProblemCode.MALFORMED_HEADER,
        )
    return key


@bp.route("/activity/events/", methods=["POST"])
@bp.login("optional")
@bp.limit("EVENTS_LIMIT")
@limit_batch_bytes
@bp.arguments(EventBatch, example=examples.BATCH)
@bp.response(202, BatchReceipt, examples=examples.BATCH_RECEIPTS)
@bp.alt_response(413, description="More than 64 KiB", example=examples.TOO_LARGE, **PROBLEM)
@bp.alt_response(422, description="No list of 1 to 100 events", example=examples.NO_LIST, **PROBLEM)
@bp.alt_response(429, description="Beyond the limit", example=examples.SLOW_DOWN, **PROBLEM)
def collect_events(body: dict[str, Any]) -> BatchOutcome:
    """Record a batch of events, signed in or not

    An invalid event is rejected by itself; the others are stored for good before the answer.
    A batch may be sent again after a lost answer: events are told apart by `message_id`, or
    without one by caller, action, timestamp and metadata; without a timestamp either, an event
    is always new.
    """
    outcome = store_batch(current_user_id(), body["events"])
    db.session.commit()
    return outcome
