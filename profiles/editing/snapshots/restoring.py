"""Undo: publishes the state that a snapshot holds."""

from typing import Any
from uuid import UUID

from profiles.editing.fields.names import writable_fields
from profiles.editing.profile.document import normalized, to_sections
from profiles.editing.profile.etags import Precondition, any_state
from profiles.editing.profile.values import Profile, Values, lock_profile
from profiles.editing.publishing.publish import apply
from profiles.editing.snapshots.listing import get_before
from profiles.editing.validation import validate_sections


def restore(user_id: int, snapshot_id: UUID, precondition: Precondition = any_state) -> Profile:
    """Publish what a snapshot holds and the profile no longer says. The caller commits.

    Only what differs is published, so unpublished changes of other fields stay in the draft.
    Raises NotFound, Invalid where a value would be refused today.
    """
    profile = lock_profile(user_id)
    stored = restorable_values(profile.role, get_before(user_id, snapshot_id))
    differing = {
        path: value
        for path, value in stored.items()
        if normalized(path, value) != profile.values[path]
    }
    values = validate_sections(profile.role, to_sections(differing))
    precondition(profile)
    return apply(profile, values, restored_from=snapshot_id)


def restorable_values(role: str, before: Any) -> Values:
    """The values of a snapshot that a profile of `role` can still take.

    A snapshot may be older than the table of fields: what is unknown now is left out, and a
    value that is missing under its canonical name is looked for under its aliases.
    """
    values: Values = {}
    for field in writable_fields(role):
        for path in (field.path, *field.aliases):
            section, _, name = path.partition(".")
            content = before.get(section) if isinstance(before, dict) else None
            if isinstance(content, dict) and name in content:
                values[field.path] = content[name]
                break
    return values
