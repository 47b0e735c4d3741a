"""Undo: the states a profile had before each change, and the way back to one of them.

A snapshot is an event of the log; nothing else is kept about the past.
"""

from typing import Any
from uuid import UUID

from activity import Action
from activity.reading import EventFilter, StoredEvent, event_page, find_event, metadata_of
from common.clock import isoformat
from common.http.errors import NotFound
from common.http.pagination import Page
from profiles.accounts.lookup import get_locked_user
from profiles.editing.document import (
    Profile,
    Values,
    canonical,
    get_profile,
    nested,
    writable_leaves,
)
from profiles.editing.drafts import Precondition, any_state
from profiles.editing.publishing import apply
from profiles.editing.validation import gather

SNAPSHOTS = EventFilter(actions=(Action.PROFILE_SNAPSHOT,))


def list_snapshots(user_id: int, page_size: int, cursor: str | None) -> Page[StoredEvent]:
    """One page of the user's snapshots, newest first."""
    return event_page(user_id, SNAPSHOTS, cursor, page_size, "snapshots")


def show_snapshot(event: StoredEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "timestamp": isoformat(event.timestamp),
        "before": metadata_of(event).get("before"),
    }


def get_before(user_id: int, snapshot_id: UUID) -> Any:
    """The profile that a snapshot of the user holds. Raises NotFound, for another's too."""
    event = find_event(user_id, snapshot_id, Action.PROFILE_SNAPSHOT)
    if event is None:
        raise NotFound("There is no such snapshot.")
    return metadata_of(event).get("before")


def restore(user_id: int, snapshot_id: UUID, precondition: Precondition = any_state) -> Profile:
    """Publish what a snapshot holds and the profile no longer says.

    Only what differs is published, so unpublished changes of other fields stay in the draft.
    """
    user = get_locked_user(user_id)
    profile = get_profile(user_id)
    held = held_values(profile.role, get_before(user_id, snapshot_id))
    differing = {
        path: value
        for path, value in held.items()
        if canonical(path, value) != profile.values[path]
    }
    values = gather(profile.role, nested(differing))
    precondition(profile)
    return apply(user, profile, values)


def held_values(role: str, before: Any) -> Values:
    """The values of a snapshot that a profile of `role` can still take.

    A snapshot may be older than the table of sections: what is unknown now is left out, and a
    value that is missing under its home name is looked for under its others.
    """
    values: Values = {}
    for leaf in writable_leaves(role):
        for path in (leaf.path, *leaf.doors):
            section, _, name = path.partition(".")
            content = before.get(section) if isinstance(before, dict) else None
            if isinstance(content, dict) and name in content:
                values[leaf.path] = content[name]
                break
    return values
