"""Publishing: a part of a profile, checked and applied with its events in one transaction."""

from collections.abc import Mapping
from typing import Any

import orjson

from activity import Action, record
from common.database.session import db
from common.http.conditional import strong_etag
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.models import User
from profiles.editing.document import Profile, Values, get_profile, nested, summary, whole
from profiles.editing.drafts import (
    Precondition,
    any_state,
    drop_values,
    named,
    refuse_without_draft,
)
from profiles.editing.sections import LEAF_AT
from profiles.editing.validation import gather


def publish(user_id: int, sections: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a part of a profile as PATCH does; the whole profile afterwards. The caller commits."""
    return whole(publish_sections(user_id, sections))


def publish_sections(
    user_id: int, sections: Mapping[str, Any], precondition: Precondition = any_state
) -> Profile:
    """As publish(), refused where `precondition` raises."""
    user = get_locked_user(user_id)
    profile = get_profile(user_id)
    values = gather(profile.role, sections)
    precondition(profile)
    return apply(user, profile, values)


def publish_draft(user_id: int, precondition: Precondition = any_state) -> Profile:
    """Publish the whole draft. Raises Invalid, leaving the draft as it is, or NotFound."""
    user = get_locked_user(user_id)
    profile = get_profile(user_id)
    refuse_without_draft(profile)
    draft = profile.draft.values or {}
    values = gather(profile.role, nested(draft))
    precondition(profile)
    published = apply(user, profile, values)
    record(
        Action.PROFILE_AUTOSAVE_PUBLISHED,
        user_id,
        metadata={**named(draft), "version": profile.draft.version},
        status_code=200,
    )
    return published


def apply(user: User, profile: Profile, values: Values) -> Profile:
    """Store checked values, record what changed, and take them out of the draft.

    The caller holds the lock of `user` and has read `profile` under it.
    """
    changed = {path: value for path, value in values.items() if value != profile.values[path]}
    if changed:
        _store(user, changed)
        _record_change(profile, changed)
    drop_values(profile, values)
    db.session.flush()
    return get_profile(user.id)


def _store(user: User, changed: Values) -> None:
    """Write through the models, not past them: the public row is rebuilt from what they touch."""
    rows: dict[type[Any], Any] = {User: user}
    for path, value in changed.items():
        column = LEAF_AT[path].column
        assert column is not None, "a writable field is stored"
        model: type[Any] = column.parent.class_
        if model not in rows:
            rows[model] = db.session.get_one(model, user.id, populate_existing=True)
        setattr(rows[model], column.key, value)


def _record_change(profile: Profile, changed: Values) -> None:
    before = nested({path: profile.values[path] for path in changed})
    after = nested(changed)
    record(
        Action.PROFILE_SNAPSHOT,
        profile.user_id,
        metadata={"before": whole(profile)},
        status_code=200,
    )
    record(
        Action.PROFILE_UPDATED,
        profile.user_id,
        metadata={
            "changes": {
                section: {"old": before[section], "new": after[section]} for section in after
            }
        },
        status_code=200,
    )
    if "settings" in after:
        record(
            Action.SETTINGS_UPDATED,
            profile.user_id,
            metadata={"before": before["settings"], "after": after["settings"]},
            status_code=200,
        )


def profile_etag(profile: Profile) -> str:
    """The validator of the whole profile: what is published, then the state of the draft.

    The two are told apart because an owner's own autosaves must not make her next PATCH stale:
    If-Match asks about the first part only (`published_etag`).
    """
    draft = "-" if summary(profile.draft) is None else str(profile.draft.version)
    return f"{published_etag(profile)}.{draft}"


def published_etag(profile: Profile) -> str:
    return strong_etag("profile", profile.user_id, orjson.dumps(profile.values))
