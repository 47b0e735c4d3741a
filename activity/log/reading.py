"""Reading one person's log, newest first: pages, single events, and all of it for an export.

Every statement names the user, so that no one reads another's log.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from activity.log.confirmed_reading import Read
from activity.log.pages import EventFilter, page_statement, page_values, windows_from
from activity.uuid_time import timestamp_range, to_microseconds
from common.clock import isoformat
from common.database.connections.prepared_statements import INDEX_WALK
from common.database.session import db, read_rows
from common.http.pagination import Key, Page, Position, paginate

EXPORT_BATCH_SIZE = 500


class StoredEvent(NamedTuple):
    """A row of the log. Metadata comes as JSON text: a page passes it on without reading it."""

    id: str
    timestamp: datetime
    action: str
    entity_type: str | None
    entity_id: str | None
    metadata: str
    source: str
    duration_ms: int | None
    status_code: int | None
    referrer: str | None
    ip_address: str | None
    user_agent: str | None


COLUMNS = (
    "cast(e.id as text), e.timestamp, e.action, e.entity_type, e.entity_id, cast(e.metadata as text),"
    " e.source, e.duration_ms, e.status_code, e.referrer, e.ip_address, e.user_agent"
)

FIND_EVENT = (
    f"{INDEX_WALK}select {COLUMNS} from activity_events e where e.user_id = %(user_id)s"
    " and e.timestamp >= %(since)s and e.timestamp < %(until)s and e.id = %(id)s"
)


class EventVersion(NamedTuple):
    """Identifies an event and all of it that can change; read without its metadata."""

    id: str
    timestamp: datetime
    entity_type: str | None
    has_address: bool
    has_agent: bool


VERSION_COLUMNS = (
    "cast(e.id as text), e.timestamp, e.entity_type, e.ip_address is not null,"
    " e.user_agent is not null"
)


def read_in_session(sql: str, values: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    """Rows as the caller's transaction sees them, what it has not yet flushed included."""
    db.session.flush()
    return db.session.connection().exec_driver_sql(sql, dict(values))


def key_of(event: StoredEvent | EventVersion) -> Key:
    """An event's place in the log, as a cursor holds it."""
    return to_microseconds(event.timestamp), event.id.replace("-", "")


def find_events(
    read: Read,
    user_id: int,
    event_filter: EventFilter,
    position: Position | None,
    limit: int,
) -> list[StoredEvent]:
    """Up to `limit` events from `position` on, nearest first."""
    rows = _find(read, user_id, event_filter, position, limit, COLUMNS)
    return list(map(StoredEvent._make, rows))


def find_versions(
    read: Read,
    user_id: int,
    event_filter: EventFilter,
    position: Position | None,
    limit: int,
) -> list[EventVersion]:
    """As `find_events`, only what distinguishes one state of a page from another."""
    rows = _find(read, user_id, event_filter, position, limit, VERSION_COLUMNS)
    return list(map(EventVersion._make, rows))


def version_of(event: StoredEvent) -> EventVersion:
    return EventVersion(
        event.id,
        event.timestamp,
        event.entity_type,
        event.ip_address is not None,
        event.user_agent is not None,
    )


def _find(
    read: Read,
    user_id: int,
    event_filter: EventFilter,
    position: Position | None,
    limit: int,
    columns: str,
) -> list[Sequence[Any]]:
    backward = position is not None and position.backward
    statement = page_statement(columns, event_filter, backward)
    rows: list[Sequence[Any]] = []
    for window in windows_from(event_filter, position):
        rows += read(statement, page_values(user_id, event_filter, window, limit - len(rows)))
        if len(rows) == limit:
            break
    return rows


def log_scope(user_id: int, scope: str) -> str:
    """The scope of a cursor: its reader too, so that it reads no one else's log."""
    return f"activity:{user_id}:{scope}"


def event_page(
    user_id: int, event_filter: EventFilter, cursor: str | None, page_size: int, scope: str
) -> Page[StoredEvent]:
    """A page of the log. `scope` names the list and its filters, for its cursors.

    Raises BadRequest for a cursor of another list.
    """
    return paginate(
        lambda position, limit: find_events(read_rows, user_id, event_filter, position, limit),
        key_of,
        page_size,
        cursor,
        log_scope(user_id, scope),
    )


def latest_events(user_id: int, action: str, limit: int) -> list[StoredEvent]:
    """The newest events of one kind, as the caller's transaction sees them."""
    return find_events(read_in_session, user_id, EventFilter(actions=(action,)), None, limit)


def find_event(
    user_id: int, event_id: UUID, action: str | None = None, read: Read = read_in_session
) -> StoredEvent | None:
    """One event of the person's, or None; of `action` only, if given."""
    # The id contains the time, and the time gives the partition and the position in the index.
    since, until = timestamp_range(event_id)
    values = {"user_id": user_id, "since": since, "until": until, "id": str(event_id)}
    for row in read(FIND_EVENT, values):
        event = StoredEvent._make(row)
        return event if action in (None, event.action) else None
    return None


def metadata_of(event: StoredEvent) -> dict[str, Any]:
    """An event's metadata, read."""
    metadata: dict[str, Any] = orjson.loads(event.metadata)
    return metadata


def event_document(event: StoredEvent) -> dict[str, Any]:
    """The event as its owner sees it, ready for orjson; `OwnEvent` is its schema."""
    return {
        "id": event.id,
        "action": event.action,
        "entity_type": event.entity_type,
        "entity_id": event.entity_id,
        "metadata": orjson.Fragment(event.metadata),
        "timestamp": isoformat(event.timestamp),
        "source": event.source,
        "duration_ms": event.duration_ms,
        "status_code": event.status_code,
        "referrer": event.referrer,
        "ip_address": event.ip_address,
        "user_agent": event.user_agent,
    }


def iterate_events(
    user_id: int, event_filter: EventFilter = EventFilter()
) -> Iterator[StoredEvent]:
    """All of a person's events, or those event_filter, newest first.

    Read in parts, each a short statement on a connection of its own: however many there are
    and however slowly they are taken, this holds one part and no transaction.
    """
    position: Position | None = None
    while True:
        part = find_events(read_rows, user_id, event_filter, position, EXPORT_BATCH_SIZE)
        yield from part
        if len(part) < EXPORT_BATCH_SIZE:
            return
        position = Position(key_of(part[-1]))
