"""Reading one person's log, newest first: pages, single events, and all of it for an export.

Every statement names the user, so nobody reads anybody else's log.
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

# Runs one statement: `read_rows`, or within the caller's transaction `read_in_session`.
Read = Callable[[str, Mapping[str, Any]], Iterable[Sequence[Any]]]


def read_in_session(sql: str, values: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    """Rows as the caller's transaction sees them, what it has not yet flushed included."""
    db.session.flush()
    return db.session.connection().exec_driver_sql(sql, dict(values))


@dataclass(frozen=True)
class EventFilter:
    """Which events of a log are asked for; both times are inclusive, empty means any."""

    actions: tuple[str, ...] = ()
    entity_types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def key_of(event: StoredEvent) -> Key:
    """An event's place in the log, as a cursor holds it."""
    return to_microseconds(event.timestamp), event.id.replace("-", "")


def find_events(
    read: Read,
    user_id: int,
    wanted: EventFilter,
    position: Position | None,
    limit: int,
) -> list[StoredEvent]:
    """Up to `limit` events from `position` on, nearest first.

    A page mostly lies within a month or two: those partitions are asked first, and the others,
    a look into each of which costs as much as finding a row, only for what is still lacking.
    """
    near, far = _split(wanted, position)
    events = _walk(read, user_id, near, position, limit)
    if far is not None and len(events) < limit:
        events += _walk(read, user_id, far, position, limit - len(events))
    return events


def _split(
    wanted: EventFilter, position: Position | None
) -> tuple[EventFilter, EventFilter | None]:
    """The events wanted in the months nearest to `position`, and those beyond, if any can be."""
    if position is not None and position.backward:
        edge = month_after(month_of(_timestamp(position)), 2)
        if wanted.until is not None and wanted.until < edge:
            return wanted, None
        return replace(wanted, until=edge - MICROSECOND), replace(wanted, since=edge)
    newest = min(
        clock.now() if position is None else _timestamp(position), wanted.until or LATEST_MOMENT
    )
    edge = month_after(month_of(max(newest, EPOCH)), -1)
    if wanted.since is not None and wanted.since >= edge:
        return wanted, None
    return replace(wanted, since=edge), replace(wanted, until=edge - MICROSECOND)


def _timestamp(position: Position) -> datetime:
    return EPOCH + timedelta(microseconds=position.key[0])


def _walk(
    read: Read,
    user_id: int,
    wanted: EventFilter,
    position: Position | None,
    limit: int,
) -> list[StoredEvent]:
    """Walk along an index from `position` on, through the partitions that `wanted` spans."""
    bounds = ["e.user_id = %(user_id)s"]
    values: dict[str, Any] = {"user_id": user_id, "limit": limit}
    if wanted.since is not None:
        bounds.append("e.timestamp >= %(since)s")
        values["since"] = wanted.since
    if wanted.until is not None:
        bounds.append("e.timestamp <= %(until)s")
        values["until"] = wanted.until
    backward = position is not None and position.backward
    if position is not None:
        beyond = ">" if backward else "<"
        # The row comparison alone prunes no partition; the bound on the time does.
        bounds.append(f"e.timestamp {beyond}= %(at)s")
        bounds.append(f"(e.timestamp, e.id) {beyond} (%(at)s, %(id)s)")
        values |= {"at": _timestamp(position), "id": position.key[1]}
    direction = "asc" if backward else "desc"
    order = f"order by e.timestamp {direction}, e.id {direction} limit %(limit)s"
    kinds = _kinds(wanted, bounds, values)
    table = f"activity_events e where {' and '.join(bounds)} {order}"
    # One short walk for each kind asked for, whatever the planner thinks of their frequency:
    # a kind that never occurs costs no more than a common one.
    statement = (
        f"select {COLUMNS} from (select e.* from {kinds} cross join lateral"
        f" (select e.* from {table}) e {order}) e {order}"
        if kinds
        else f"select {COLUMNS} from {table}"
    )
    return list(map(StoredEvent._make, read(statement, values)))


def _kinds(wanted: EventFilter, bounds: list[str], values: dict[str, Any]) -> str:
    """The values to walk along, as a FROM clause; their conditions go to `bounds`."""
    sources = []
    if wanted.actions:
        sources.append("unnest(cast(%(actions)s as text[])) as kind_a (action)")
        bounds.append("e.action = kind_a.action")
        values["actions"] = list(wanted.actions)
    if wanted.entity_types:
        sources.append("unnest(cast(%(entity_types)s as text[])) as kind_t (entity_type)")
        bounds.append("e.entity_type = kind_t.entity_type")
        values["entity_types"] = list(wanted.entity_types)
    return " cross join ".join(sources)


def log_scope(user_id: int, scope: str) -> str:
    """What a cursor is bound to: its reader too, so that it opens nobody else's log."""
    return f"activity:{user_id}:{scope}"


def event_page(
    user_id: int, wanted: EventFilter, cursor: str | None, page_size: int, scope: str
) -> Page[StoredEvent]:
    """A page of the log. `scope` names the list and its filters, for its cursors."""
    return paginate(
        lambda position, limit: find_events(read_rows, user_id, wanted, position, limit),
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
    # The id tells the time, and the time the partition and the place in the page index.
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


def present(event: StoredEvent) -> dict[str, Any]:
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


def iterate_events(user_id: int, wanted: EventFilter = EventFilter()) -> Iterator[StoredEvent]:
    """All of a person's events, or those wanted, newest first.

    Read in parts, each a short statement on a connection of its own: however many there are
    and however slowly they are taken, this holds one part and no transaction.
    """
    position: Position | None = None
    while True:
        part = find_events(read_rows, user_id, wanted, position, EXPORT_BATCH_SIZE)
        yield from part
        if len(part) < EXPORT_BATCH_SIZE:
            return
        position = Position(key_of(part[-1]))
