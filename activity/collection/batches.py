"""Batches of events: each is accepted or rejected by itself, and stored once however often it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import orjson
from marshmallow import ValidationError
from sqlalchemy import Connection, text

from activity.collection.client_events import client_event, lock_account
from activity.collection.schemas import ClientEvent
from activity.recording.bulk_insert import QueuedEvent, insert_events
from activity.recording.request_context import current_request_context
from common import clock
from common.clock import isoformat
from common.database.session import db
from common.http.limits.rate_limit import caller
from common.http.parsing.json_body import DEEPEST_JSON, is_deeper_than
from common.translation import lazy_ngettext

CLIENT_EVENT = ClientEvent()
TOO_DEEP = lazy_ngettext(
    "Must not be nested more than {levels} level deep.",
    "Must not be nested more than {levels} levels deep.",
    "levels",
    levels=DEEPEST_JSON,
)


@dataclass
class BatchOutcome:
    """The values of a `BatchReceipt`, messages not translated yet, and the events that are new."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    new: list[QueuedEvent] = field(default_factory=list)


def store_batch(user_id: int | None, given: Sequence[Any]) -> BatchOutcome:
    """Store the valid events of a batch that were not stored before."""
    outcome = BatchOutcome()
    connection = db.session.connection()
    if user_id is not None:
        lock_account(connection, user_id)
    keyed: dict[str, QueuedEvent] = {}
    new: list[QueuedEvent] = []
    for index, raw in enumerate(given):
        try:
            _refuse_depth(raw)
            valid = CLIENT_EVENT.load(raw)
        except ValidationError as error:
            outcome.rejected.append({"index": index, "errors": error.messages_dict})
            continue
        key = _key(valid, user_id)
        if key is None:
            new.append(client_event(user_id, valid))
        elif key in keyed:
            outcome.duplicates += 1
        else:
            keyed[key] = client_event(user_id, valid)
    fresh = _claim_all(connection, caller(), keyed)
    outcome.duplicates += len(keyed) - len(fresh)
    new += [event for key, event in keyed.items() if key in fresh]
    outcome.accepted, outcome.new = len(new), new
    if new:
        insert_events(connection, new)
    return outcome


def _refuse_depth(raw: Any) -> None:
    """Raises ValidationError for an event deeper than a body may be that holds it alone."""
    members = raw if isinstance(raw, dict) else {"_schema": raw}
    deep = [name for name, value in members.items() if is_deeper_than(value, DEEPEST_JSON - 1)]
    if deep:
        raise ValidationError(dict.fromkeys(deep, [TOO_DEEP]))


def _key(event: Mapping[str, Any], user_id: int | None) -> str | None:
    """What distinguishes this event of its caller from others; None when nothing does.

    Visitors behind one address look like one caller and may use the same message ids, so there
    the content and the browser count too.
    """
    if "message_id" in event and user_id is not None:
        return f"message:{event['message_id']}"
    if "message_id" not in event and "timestamp" not in event:
        return None
    content = [event["action"], event.get("timestamp") and isoformat(event["timestamp"])]
    content += [event["metadata"]]
    if "message_id" in event:
        browser = current_request_context().user_agent
        content += [event["message_id"], event["entity_type"], event["entity_id"], browser]
    digest = blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16)
    return f"digest:{digest.hexdigest()}"


CLAIM_ALL = text("""
    insert into activity_receipts
        (caller, key, user_id, event_id, event_timestamp, received_at)
    select :caller, k.key, cast(:user_id as int), k.event_id, k.event_timestamp, :received_at
    from unnest(
        cast(:keys as text[]), cast(:ids as uuid[]), cast(:timestamps as timestamptz[])
    ) as k (key, event_id, event_timestamp)
    order by k.key
    on conflict (caller, key) do nothing
    returning key
""")


def _claim_all(
    connection: Connection, caller_name: str, keyed: Mapping[str, QueuedEvent]
) -> set[str]:
    """Claim the keys that are free; in one order, so that equal batches never deadlock."""
    if not keyed:
        return set()
    events = list(keyed.values())
    claimed = connection.scalars(
        CLAIM_ALL,
        {
            "caller": caller_name,
            "user_id": events[0].user_id,
            "received_at": clock.now(),
            "keys": list(keyed),
            "ids": [str(event.id) for event in events],
            "timestamps": [event.timestamp for event in events],
        },
    )
    return set(claimed)
