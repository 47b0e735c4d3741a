"""What clients send: one event triggered by its person, and batches of anybody's."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any

import orjson
from flask import Response, g, request

from activity import examples
from activity.blueprint import PROBLEM, bp
from activity.collection.batches import BatchOutcome, store_batch
from activity.collection.listeners import notify
from activity.collection.rate_limit_events import record_rate_limited
from activity.collection.schemas import BatchReceipt, EventBatch, TriggeredEvent
from activity.collection.triggers import store_event
from activity.log.reading import event_document
from activity.log.schemas import OwnEvent
from activity.recording.bulk_insert import ROW_BYTES
from activity.recording.byte_budgets import budgets_of_sender
from common.database.session import db
from common.http.acting_accounts import confirm_caller
from common.http.auth import current_user_id, required_user_id
from common.http.limits.byte_budget import spend_bytes
from common.http.limits.rate_limit import address
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.http.problems.members import encodable
from common.translation import lazy_gettext
from common.translation.catalogues import translate
from common.translation.reader import language_headers, reader_language

Receipt = tuple[BatchOutcome, dict[str, str]]

LARGEST_BATCH_BYTES = 64 * 1024
IDEMPOTENCY_KEY = re.compile(r"[\x20-\x7e]{1,128}")
REPLAYED = "Idempotent-Replayed"
KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Makes a repeated call safe: within a day, the same key with the same body"
    f" answers the first event again, with `{REPLAYED}: true`, and stores nothing; with another body"
    " it is a 422.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 128,
        "pattern": "^[ -~]{1,128}$",
    },
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}
REPLAY = {
    REPLAYED: {
        "description": "Present when an earlier call with this `Idempotency-Key` stored the event.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}


# In bytes. What is larger counts for a person's budget only once it is certain that they may act; who goes
# on with a token of an ended session could spend all of it otherwise.
LARGEST_UNCONFIRMED_BODY = 4096


def spend_budget(number: int) -> None:
    """Spend what the request's body and its `number` of rows take of the caller's bytes.

    Raises BudgetExceeded.
    """
    size = len(request.get_data()) + number * ROW_BYTES
    spend_bytes(budgets_of_sender(current_user_id(), address()), size)


def accept_batch(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a larger body before it is read; take JSON as `text/plain` too, and events of any depth.

    `text/plain` is what `navigator.sendBeacon` makes of a text, and the last that a closing page
    sends. An event that nests too deep is rejected by itself.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = LARGEST_BATCH_BYTES
        g.json_media_types = ("text/plain",)
        g.separate_items = "events"
        return view(*args, **kwargs)

    return checked


@bp.route("/me/activity/trigger/", methods=["POST"])
@bp.login("required", confirmed_by_statement=True)
@bp.limit("TRIGGER_LIMIT", on_breach=record_rate_limited)
@bp.doc(parameters=[KEY_HEADER])
@bp.arguments(TriggeredEvent, example=examples.TRIGGER)
@bp.response(201, OwnEvent, example=examples.EVENT, headers=REPLAY)
@bp.alt_response(
    400,
    description="Malformed JSON or `Idempotency-Key`",
    example=examples.MALFORMED_KEY,
    **PROBLEM,
)
@bp.alt_response(422, description="Invalid values", example=examples.RESERVED_ACTION, **PROBLEM)
@bp.alt_response(
    429,
    description="Beyond the limit; the log records it at most once a minute",
    example=examples.SLOW_DOWN,
    **PROBLEM,
)
def trigger_event(body: dict[str, Any]) -> Response:
    """Record one event of the caller's

    It is stored for good before the answer. Limited per person, not per device.
    """
    if len(request.get_data()) > LARGEST_UNCONFIRMED_BODY:
        confirm_caller()
    spend_budget(1)
    event, is_replay = store_event(required_user_id(), body, _idempotency_key())
    response = Response(orjson.dumps(event_document(event)), 201, mimetype="application/json")
    if is_replay:
        response.headers[REPLAYED] = "true"
    return response


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        raise BadRequest(
            lazy_gettext("Idempotency-Key must be 1 to 128 printable ASCII characters."),
            code=ProblemCode.MALFORMED_HEADER,
        )
    return key


@bp.route("/activity/events/", methods=["POST"])
@bp.login("optional")
@bp.limit("EVENTS_LIMIT")
@accept_batch
@bp.arguments(EventBatch, example=examples.BATCH)
@bp.response(202, BatchReceipt, examples=examples.BATCH_RECEIPTS)
@bp.alt_response(413, description="More than 64 KiB", example=examples.TOO_LARGE, **PROBLEM)
@bp.alt_response(422, description="No list of 1 to 100 events", example=examples.NO_LIST, **PROBLEM)
@bp.alt_response(429, description="Beyond the limit", example=examples.SLOW_DOWN, **PROBLEM)
def collect_events(body: dict[str, Any]) -> Receipt:
    """Record a batch of events, signed in or not

    An invalid event is rejected by itself; the others are stored for good before the answer.
    A batch may be sent again after a lost answer: events are distinguished by `message_id`, or
    without one by caller, action, timestamp and metadata; without a timestamp either, an event
    is always new. The body may be sent as `text/plain` too (`navigator.sendBeacon`).
    Beside the calls, the bytes that a caller has stored within an hour and a day are limited: an event
    costs its text and 600 bytes more.
    """
    spend_budget(len(body["events"]))
    outcome = store_batch(current_user_id(), body["events"])
    db.session.commit()
    notify(outcome.new)
    return _in_readers_language(outcome)


def _in_readers_language(outcome: BatchOutcome) -> Receipt:
    """The outcome with its messages as they are sent, and the headers that belong to them."""
    if not outcome.rejected:
        return outcome, {}
    language = reader_language()
    translated = partial(translate, language=language)
    rejected = [
        each | {"errors": encodable(each["errors"], translated)} for each in outcome.rejected
    ]
    return replace(outcome, rejected=rejected), language_headers(language)
