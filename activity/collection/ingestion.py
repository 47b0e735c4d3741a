"""What clients send: one event or a batch, each stored once however often it is sent.

A receipt holds the caller's key (an idempotency key, a message id, or a digest of the event)
and is committed with the event it speaks of. Two calls with one key wait for each other at the
receipt's primary key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from marshmallow import ValidationError
from sqlalchemy import Connection, text

from activity.collection.schemas import ClientEvent
from activity.log.reading import COLUMNS, StoredEvent, find_event, read_in_session
from activity.recording.bulk_insert import QueuedEvent, insert_events
from activity.recording.events import event_values
from activity.recording.request_context import current_request_context
from common import clock
from common.clock import isoformat
from common.database.session import db
from common.database.short_transaction import write_rows
from common.http.acting_accounts import (
    caller_condition,
    caller_values,
    confirm,
    confirm_caller,
)
from common.http.limits.rate_limit import caller
from common.http.parsing.json_body import DEEPEST_JSON, is_deeper_than
from common.http.problems.errors import Invalid, Unauthorized
from common.translation import lazy_gettext, lazy_ngettext

KEY_LIFETIME = timedelta(days=1)
CLIENT_EVENT = ClientEvent()
TOO_DEEP = lazy_ngettext(
    "Must not be nested more than {levels} level deep.",
    "Must not be nested more than {levels} levels deep.",
    "levels",
    levels=DEEPEST_JSON,
)


class KeyedEvent(NamedTuple):
    """The event an idempotency key stands for, and whether an earlier call stored it."""

    event: StoredEvent
    is_replay: bool


def store_event(user_id: int, given: Mapping[str, Any], key: str | None) -> KeyedEvent:
    """Store a triggered event for good, or find the one its key stored within the last day.

    Raises Invalid when the key was used with another body.
    """
    event = _event(user_id, given)
    if key is None:
        values = event._asdict() | caller_values()
        return KeyedEvent(_stored(write_rows(insert_one(caller_condition()), values)), False)
    confirm_caller()
    connection = db.session.connection()
    lock_account(connection, user_id)
    first = _claim_key(connection, user_id, f"idempotency:{key}", event, _digest(given))
    stored = first or _stored(read_in_session(insert_one("true"), event._asdict()))
    db.session.commit()
    return KeyedEvent(stored, first is not None)


def _digest(given: Mapping[str, Any]) -> str:
    """Of a body as it was understood: the order and spacing of its JSON make no difference."""
    return blake2b(orjson.dumps(given, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _stored(rows: Iterable[Sequence[Any]]) -> StoredEvent:
    """The event as the database holds it, so that a repeated call gets the very same answer."""
    for row in rows:
        confirm()
        return StoredEvent._make(row)
    # The answer says why, if it is the caller who may not act.
    confirm_caller()
    raise account_missing()


@lru_cache
def insert_one(condition: str) -> str:
    """Stores one event of an account that `condition`, on its row of `users`, holds for."""
    return f"""
    with present as materialized (
        select id from users where id = %(user_id)s and {condition} for key share
    )
    insert into activity_events as e (
        id, "timestamp", user_id, action, entity_type, entity_id, metadata, source,
        duration_ms, status_code, referrer, ip_address, user_agent
    )
    select %(id)s, %(timestamp)s, id, %(action)s, %(entity_type)s, %(entity_id)s,
           cast(%(details)s as jsonb), %(source)s, %(duration_ms)s, %(status_code)s,
           %(referrer)s, %(ip_address)s, %(user_agent)s
    from present
    returning {COLUMNS}
    """


def account_missing() -> Unauthorized:
    """The answer to a token whose account was erased after the token was checked."""
    return Unauthorized(
        lazy_gettext("The account of this token is no longer active."),
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def lock_account(connection: Connection, user_id: int) -> None:
    """Keep the account from being erased until this transaction ends. Raises Unauthorized."""
    statement = text("select 1 from users where id = :id for key share")
    if connection.scalar(statement, {"id": user_id}) is None:
        raise account_missing()


CLAIM_KEY = text("""
    insert into activity_receipts as r
        (caller, key, user_id, event_id, event_timestamp, received_at, body_digest)
    values
        (:caller, :key, :user_id, :event_id, :event_timestamp, :received_at, :body_digest)
    on conflict (caller, key) do update set
        event_id = excluded.event_id,
        body_digest = excluded.body_digest,
        event_timestamp = excluded.event_timestamp,
        received_at = excluded.received_at
    where r.received_at <= :expired
    returning r.event_id
""")


def _claim_key(
    connection: Connection, user_id: int, key: str, event: QueuedEvent, digest: str
) -> StoredEvent | None:
    """None when the key is now `event`'s; else the event it already stands for."""
    now = clock.now()
    receipt = _receipt(f"user:{user_id}", key, event, now) | {"body_digest": digest}
    if connection.scalar(CLAIM_KEY, receipt | {"expired": now - KEY_LIFETIME}) is not None:
        return None
    found = text(
        "select event_id, body_digest from activity_receipts where caller = :caller and key = :key"
    )
    earlier = connection.execute(found, receipt).first()
    first = find_event(user_id, earlier.event_id) if earlier is not None else None
    if earlier is None or first is None:
        # A purge took the first event before its key had expired.
        connection.execute(CLAIM_KEY, receipt | {"expired": now})
        return None
    # A receipt of an older release has no digest.
    if earlier.body_digest not in (None, digest):
        raise Invalid(
            {
                "Idempotency-Key": [
                    lazy_gettext("Was used with another body; use a new key for a new event.")
                ]
            },
            "headers",
        )
    return first


def _receipt(caller_name: str, key: str, event: QueuedEvent, now: datetime) -> dict[str, Any]:
    return {
        "caller": caller_name,
        "key": key,
        "user_id": event.user_id,
        "event_id": event.id,
        "event_timestamp": event.timestamp,
        "received_at": now,
    }


def _event(user_id: int | None, given: Mapping[str, Any]) -> QueuedEvent:
    """A client's event as a row. The client's clock, if given, goes to the metadata.

    Of a visitor without an account neither browser nor referring page is stored.
    """
    metadata = dict(given["metadata"])
    if "timestamp" in given:
        metadata["client_timestamp"] = isoformat(given["timestamp"])
    context = current_request_context()
    if user_id is None:
        context = context._replace(user_agent=None, referrer=None)
    values = event_values(
        given["action"], user_id, {}, "client", given["entity_type"], given["entity_id"], context
    )
    values["details"] = orjson.dumps(metadata).decode()
    return QueuedEvent(**values, duration_ms=None, status_code=None)


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
            new.append(_event(user_id, valid))
        elif key in keyed:
            outcome.duplicates += 1
        else:
            keyed[key] = _event(user_id, valid)
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
