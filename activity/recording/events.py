"""Writing events in the caller's transaction."""

from collections.abc import Mapping
from typing import Any, Literal

import orjson

from activity.catalogue import METADATA_KEYS, entity_of
from activity.models import ActivityEvent
from activity.recording.request_context import RequestContext, current_request_context, elapsed_ms
from activity.uuid_time import event_id, next_timestamp
from common.database.session import db

Source = Literal["server", "client"]


def record(
    action: str,
    user_id: int | None,
    *,
    metadata: Mapping[str, Any] | None = None,
    status_code: int | None = None,
) -> ActivityEvent:
    """Transactional: add one of the catalogue's events to the caller's transaction.

    The caller commits. Raises ValueError for metadata that the catalogue does not list.
    """
    details = dict(metadata or {})
    event = ActivityEvent(
        **server_event_values(action, user_id, details),
        duration_ms=elapsed_ms(),
        status_code=status_code,
    )
    db.session.add(event)
    return event


# A statement by key, for callers that send it with others of theirs.
INSERT_EVENT = """
    insert into activity_events (
        id, "timestamp", user_id, action, entity_type, entity_id, metadata, source,
        duration_ms, status_code, referrer, ip_address, user_agent
    ) values (
        %(id)s, %(timestamp)s, %(user_id)s, %(action)s, %(entity_type)s, %(entity_id)s,
        %(details)s, %(source)s, %(duration_ms)s, %(status_code)s, %(referrer)s, %(ip_address)s,
        %(user_agent)s
    )
"""


def event_parameters(
    action: str, user_id: int, metadata: Mapping[str, Any], status_code: int | None = None
) -> dict[str, Any]:
    """As `record`, for a caller that sends INSERT_EVENT itself: its values."""
    details = dict(metadata)
    return server_event_values(action, user_id, details) | {
        "details": orjson.dumps(details).decode(),
        "duration_ms": elapsed_ms(),
        "status_code": status_code,
    }


def check_metadata(action: str, metadata: Mapping[str, Any]) -> None:
    """Refuse what the catalogue does not list, so that the catalogue stays true."""
    unlisted = set(metadata) - set(METADATA_KEYS[action])
    if unlisted:
        raise ValueError(f"The catalogue lists no {sorted(unlisted)} for {action}.")


def server_event_values(
    action: str,
    user_id: int | None,
    details: dict[str, Any],
    context: RequestContext | None = None,
) -> dict[str, Any]:
    """Columns of one of the catalogue's events, which says what the event is about."""
    check_metadata(action, details)
    entity_type, entity_id = entity_of(action, user_id, details)
    return event_values(action, user_id, details, "server", entity_type, entity_id, context)


def event_values(
    action: str,
    user_id: int | None,
    details: dict[str, Any],
    source: Source,
    entity_type: str | None = None,
    entity_id: str | None = None,
    context: RequestContext | None = None,
) -> dict[str, Any]:
    """A new event's columns, timing and status aside: what it is, when, and who sent it."""
    timestamp = next_timestamp()
    return {
        "id": event_id(timestamp),
        "timestamp": timestamp,
        "user_id": user_id,
        "action": action,
        "entity_type": entity_type,
        "entity_id": entity_id,
        "details": details,
        "source": source,
        **(context or current_request_context())._asdict(),
    }
