"""Reading one person's log, newest first: pages, single events, and all of it for an export.

Every statement names the user, so that no one reads another's log.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from activity.partitions import month_after, month_of
from activity.uuid_time import EPOCH, MICROSECOND, timestamp_range, to_microseconds
from common import clock
from common.clock import isoformat
from common.database.session import db, read_rows
from common.http.pagination import Key, Page, Position, paginate

EXPORT_BATCH_SIZE = 500
LATEST_MOMENT = datetime.max.replace(tzinfo=UTC)


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

# Runs one statement: `read_rows`, or within the caller's transaction `read_in_session`.
Read = Callable[[str, Mapping[str, Any]], Iterable[Sequence[Any]]]


def read_in_session(sql: str, values: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    """Rows as the caller's transaction sees them, what it has not yet flushed included."""
    db.session.flush()
    return db.session.connection().exec_driver_sql(sql, dict(values))


@dataclass(frozen=True)
class EventFilter:
    """Which events of a log are wanted; both times are inclusive, empty means any."""

    actions: tuple[str, ...] = ()
    entity_types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


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
    """A page mostly lies within a month or two: those partitions are read first, and the others,
    a look into each of which costs as much as finding a row, only for what is still lacking.
    """
    near, far = _split(event_filter, position)
    rows = _walk(read, user_id, near, position, limit, columns)
    if far is not None and len(rows) < limit:
        rows += _walk(read, user_id, far, position, limit - len(rows), columns)
    return rows


def _split(
    event_filter: EventFilter, position: Position | None
) -> tuple[EventFilter, EventFilter | None]:
    """The events event_filter in the months nearest to `position`, and those beyond, if any can be."""
    if position is not None and position.backward:
        edge = month_after(month_of(_timestamp(position)), 2)
        if event_filter.until is not None and event_filter.until < edge:
            return event_filter, None
        return replace(event_filter, until=edge - MICROSECOND), replace(event_filter, since=edge)
    newest = min(
        clock.now() if position is None else _timestamp(position),
        event_filter.until or LATEST_MOMENT,
    )
    edge = month_after(month_of(max(newest, EPOCH)), -1)
    if event_filter.since is not None and event_filter.since >= edge:
        return event_filter, None
    return replace(event_filter, since=edge), replace(event_filter, until=edge - MICROSECOND)


def _timestamp(position: Position) -> datetime:
    return EPOCH + timedelta(microseconds=position.key[0])


def _walk(
    read: Read,
    user_id: int,
    event_filter: EventFilter,
    position: Position | None,
    limit: int,
    columns: str,
) -> list[Sequence[Any]]:
    """Scan an index from `position` on, through the partitions that `event_filter` spans."""
    bounds = ["e.user_id = %(user_id)s"]
    values: dict[str, Any] = {"user_id": user_id, "limit": limit}
    if event_filter.since is not None:
        bounds.append("e.timestamp >= %(since)s")
        values["since"] = event_filter.since
    if event_filter.until is not None:
        bounds.append("e.timestamp <= %(until)s")
        values["until"] = event_filter.until
    backward = position is not None and position.backward
    if position is not None:
        beyond = ">" if backward else "<"
        # The row comparison alone prunes no partition; the bound on the time does.
        bounds.append(f"e.timestamp {beyond}= %(at)s")
        bounds.append(f"(e.timestamp, e.id) {beyond} (%(at)s, %(id)s)")
        values |= {"at": _timestamp(position), "id": position.key[1]}
    direction = "asc" if backward else "desc"
    order = f"order by e.timestamp {direction}, e.id {direction} limit %(limit)s"
    kinds = _kinds(event_filter, bounds, values)
    table = f"activity_events e where {' and '.join(bounds)} {order}"
    # One short index scan for each filter value, whatever the planner estimates of its frequency:
    # a value that never occurs costs no more than a common one.
    statement = (
        f"select {columns} from (select e.* from {kinds} cross join lateral"
        f" (select e.* from {table}) e {order}) e {order}"
        if kinds
        else f"select {columns} from {table}"
    )
    return list(read(statement, values))


def _kinds(event_filter: EventFilter, bounds: list[str], values: dict[str, Any]) -> str:
    """The filter values to scan, as a FROM clause; their conditions are added to `bounds`."""
    sources = []
    if event_filter.actions:
        sources.append("unnest(cast(%(actions)s as text[])) as kind_a (action)")
        bounds.append("e.action = kind_a.action")
        values["actions"] = list(event_filter.actions)
    if event_filter.entity_types:
        sources.append("unnest(cast(%(entity_types)s as text[])) as kind_t (entity_type)")
        bounds.append("e.entity_type = kind_t.entity_type")
        values["entity_types"] = list(event_filter.entity_types)
    return " cross join ".join(sources)


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


def find_event(user_id: int, event_id: UUID, action: str | None = None) -> StoredEvent | None:
    """One event of the person's, or None; of `action` only, if given."""
    # The id contains the time, and the time gives the partition and the position in the index.
    since, until = timestamp_range(event_id)
    statement = (
        f"select {COLUMNS} from activity_events e where e.user_id = %(user_id)s"
        " and e.timestamp >= %(since)s and e.timestamp < %(until)s and e.id = %(id)s"
    )
    values = {"user_id": user_id, "since": since, "until": until, "id": str(event_id)}
    for row in read_in_session(statement, values):
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
