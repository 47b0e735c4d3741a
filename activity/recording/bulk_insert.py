"""Stores many events in one statement, for the queue's writer and for batches of clients."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Connection, text

# What an event takes beside its own text: its row, the entries of five indexes, its receipt.
ROW_BYTES = 600


class QueuedEvent(NamedTuple):
    """A row not yet stored; `details` is already JSON, as it was when the event was observed."""

    id: UUID
    timestamp: datetime
    user_id: int | None
    action: str
    entity_type: str | None
    entity_id: str | None
    details: str
    source: str
    duration_ms: int | None
    status_code: int | None
    referrer: str | None
    ip_address: str | None
    user_agent: str | None


# Locking the accounts lets an erasure finish first: its events are then left out here, where
# the foreign key would have refused the whole batch.
INSERT = text("""
    with present as materialized (
        select id from users where id = any(cast(:user_id as int[])) for key share
    )
    insert into activity_events (
        id, "timestamp", user_id, action, entity_type, entity_id, metadata, source,
        duration_ms, status_code, referrer, ip_address, user_agent
    )
    select e.id, e."timestamp", e.user_id, e.action, e.entity_type, e.entity_id,
           cast(e.details as jsonb), e.source, e.duration_ms, e.status_code,
           e.referrer, e.ip_address, e.user_agent
    from json_to_recordset(cast(:events as json)) as e (
        id uuid, "timestamp" timestamptz, user_id int, action text, entity_type text, entity_id text,
        details text, source text, duration_ms int, status_code smallint, referrer text,
        ip_address text, user_agent text
    )
    where e.user_id is null or e.user_id in (select id from present)
    on conflict do nothing
""")


def insert_events(connection: Connection, events: Sequence[QueuedEvent]) -> int:
    """Insert the events of accounts that still exist; how many were."""
    rows = [event._asdict() for event in events]
    user_ids = [event.user_id for event in events if event.user_id is not None]
    # One document costs this process a fraction of what an array for each column does.
    values = {"events": orjson.dumps(rows).decode(), "user_id": user_ids}
    return connection.execute(INSERT, values).rowcount
