"""The snapshots of a profile: events of its owner's log, each with the profile as it was before."""

from typing import Any
from uuid import UUID

from activity import Action
from activity.log.reading import EventFilter, StoredEvent, event_page, find_event, metadata_of
from common.clock import isoformat
from common.http.pagination import Page
from common.http.problems.errors import NotFound
from common.translation import lazy_gettext

SNAPSHOTS = EventFilter(actions=(Action.PROFILE_SNAPSHOT,))


def list_snapshots(user_id: int, page_size: int, cursor: str | None) -> Page[StoredEvent]:
    """One page of the user's snapshots, newest first."""
    return event_page(user_id, SNAPSHOTS, cursor, page_size, "snapshots")


def snapshot_document(event: StoredEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "timestamp": isoformat(event.timestamp),
        "before": metadata_of(event).get("before"),
    }


def get_before(user_id: int, snapshot_id: UUID) -> Any:
    """The profile that a snapshot of the user holds. Raises NotFound, for another's too."""
    event = find_event(user_id, snapshot_id, Action.PROFILE_SNAPSHOT)
    if event is None:
        raise NotFound(lazy_gettext("There is no such snapshot."))
    return metadata_of(event).get("before")
