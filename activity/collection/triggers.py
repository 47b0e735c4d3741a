"""One event triggered by its person, stored for good before the answer; once for each idempotency key."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, text

from activity.collection.client_events import account_missing, client_event, lock_account
from activity.log.reading import COLUMNS, StoredEvent, find_event, read_in_session
from activity.recording.bulk_insert import QueuedEvent
from activity.retention.purge import KEY_LIFETIME
from common import clock
from common.database.session import db
from common.database.short_transaction import write_rows
from common.http.acting_accounts import (
    caller_condition,
    caller_values,
    confirm,
    confirm_caller,
)
from common.http.problems.errors import Invalid
from common.translation import lazy_gettext


class KeyedEvent(NamedTuple):
    """The event an idempotency key stands for, and whether an earlier call stored it."""

    event: StoredEvent
    is_replay: bool


def store_event(user_id: int, given: Mapping[str, Any], key: str | None) -> KeyedEvent:
    """Store a triggered event for good, or find the one its key stored within the last day.

    Raises Invalid when the key was used with another body.
    """
    event = client_event(user_id, given)
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
