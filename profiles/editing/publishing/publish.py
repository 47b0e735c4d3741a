"""Publishing: a part of a profile, validated and stored with its events in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from activity import Action, event_parameters, record
from common.database.session import db
from profiles.editing.fields.names import FIELD_AT
from profiles.editing.profile.document import field_names, to_document, to_sections
from profiles.editing.profile.draft import drop_published, refuse_without_draft
from profiles.editing.profile.etags import Precondition, any_state
from profiles.editing.profile.values import Profile, Values, get_profile, lock_profile
from profiles.editing.publishing.snapshot import shares_a_snapshot, take_snapshot
from profiles.editing.publishing.storing import follow_in_session, store
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
    published = apply(profile, check_draft(profile, precondition))
    record(
        Action.PROFILE_AUTOSAVE_PUBLISHED,
        user_id,
        metadata=draft_metadata(profile),
        status_code=200,
    )
    return published


def check_draft(profile: Profile, precondition: Precondition) -> Values:
    """The draft's values, valid to be published. Raises as publish_draft does."""
    refuse_without_draft(profile)
    values = validate_sections(profile.role, to_sections(profile.draft.values or {}))
    precondition(profile)
    return values


def draft_metadata(profile: Profile) -> dict[str, Any]:
    """What the event of a published draft says of it."""
    return {**field_names(profile.draft.values or {}), "version": profile.draft.version}


def apply(profile: Profile, values: Values, restored_from: UUID | None = None) -> Profile:
    """Store checked values, record what changed, and take them out of the draft.

    The caller has locked `profile`. `restored_from` is the snapshot that `values` come from, if they
    do.
    """
    changed = differing_values(profile, values)
    connection = db.session.connection()
    if changed:
        if restored_from is not None or not shares_a_snapshot(profile.user_id):
            take_snapshot(connection, profile, restored_from)
        store(connection, profile.user_id, changed, change_event(profile, changed))
        follow_in_session(profile.user_id, changed)
        _record_settings(profile, changed)
    draft = drop_published(connection, profile, values)
    db.session.flush()
    if any(FIELD_AT[path].canonical_section == "settings" for path in changed):
        # Hiding the avatar has renamed its file.
        return get_profile(profile.user_id)
    return replace(profile, values=profile.values | changed, draft=draft)


def differing_values(profile: Profile, values: Values) -> Values:
    """Those of the values that the profile has otherwise."""
    return {path: value for path, value in values.items() if value != profile.values[path]}


def change_event(profile: Profile, changed: Values) -> dict[str, Any]:
    """The event of a change, as values of INSERT_EVENT."""
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
