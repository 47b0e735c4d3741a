"""Publishing: a part of a profile, validated and stored with its events in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from activity import Action, event_parameters, record
from common.database.session import db
from profiles.editing.document import field_names, to_document, to_sections
from profiles.editing.drafts.storage import drop_published, refuse_without_draft
from profiles.editing.etags import Precondition, any_state
from profiles.editing.fields.names import FIELD_AT
from profiles.editing.profile import Profile, Values, get_profile, lock_profile
from profiles.editing.snapshots.taking import take_snapshot
from profiles.editing.storing import store
from profiles.editing.validation import validate_sections


def publish(user_id: int, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a part of a profile as PATCH does; the whole profile afterwards. The caller commits."""
    return to_document(publish_sections(user_id, sections))


def publish_sections(
    user_id: int, sections: Mapping[str, Any], precondition: Precondition = any_state
) -> Profile:
    """As publish(), refused where `precondition` raises."""
    profile = lock_profile(user_id)
    values = validate_sections(profile.role, sections)
    precondition(profile)
    return apply(profile, values)


def publish_draft(user_id: int, precondition: Precondition = any_state) -> Profile:
    """Publish the whole draft. Raises Invalid, leaving the draft as it is, or NotFound."""
    profile = lock_profile(user_id)
    refuse_without_draft(profile)
    draft = profile.draft.values or {}
    values = validate_sections(profile.role, to_sections(draft))
    precondition(profile)
    published = apply(profile, values)
    record(
        Action.PROFILE_AUTOSAVE_PUBLISHED,
        user_id,
        metadata={**field_names(draft), "version": profile.draft.version},
        status_code=200,
    )
    return published


def apply(profile: Profile, values: Values, restored_from: UUID | None = None) -> Profile:
    """Store checked values, record what changed, and take them out of the draft.

    The caller has locked `profile`. `restored_from` is the snapshot that `values` come from, if they
    do.
    """
    changed = {path: value for path, value in values.items() if value != profile.values[path]}
    if changed:
        take_snapshot(profile, restored_from)
        store(profile.user_id, changed, _change_event(profile, changed))
        _record_settings(profile, changed)
    draft = drop_published(profile, values)
    db.session.flush()
    if any(FIELD_AT[path].canonical_section == "settings" for path in changed):
        # Hiding the avatar has renamed its file.
        return get_profile(profile.user_id)
    return replace(profile, values=profile.values | changed, draft=draft)


def _change_event(profile: Profile, changed: Values) -> dict[str, Any]:
    """The values of INSERT_EVENT."""
    before = to_sections({path: profile.values[path] for path in changed})
    after = to_sections(changed)
    changes = {section: {"old": before[section], "new": after[section]} for section in after}
    return event_parameters(
        Action.PROFILE_UPDATED, profile.user_id, {"changes": changes}, status_code=200
    )


def _record_settings(profile: Profile, changed: Values) -> None:
    after = to_sections(changed).get("settings")
    if after is not None:
        before = to_sections({path: profile.values[path] for path in changed})["settings"]
        record(
            Action.SETTINGS_UPDATED,
            profile.user_id,
            metadata={"before": before, "after": after},
            status_code=200,
        )
