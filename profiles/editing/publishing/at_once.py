"""Publishing as requests do it: in a transaction of its own, and where nothing needs the session, without it.

What the session does for a save takes as long as the rest of it. Here the locked profile, what is
stored, and the public row with the commit are a message to the database each; the first also asks
whether the caller may act.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from activity import INSERT_EVENT, Action, event_parameters
from common.database.session import db, write_by_key
from common.database.short_transaction import short_transaction
from common.http.acting_accounts import caller_condition
from profiles.editing.profile.draft import drop_published, is_published_by
from profiles.editing.profile.etags import Precondition, any_state
from profiles.editing.profile.values import (
    LOCK_AND_READ_PROFILE,
    Profile,
    Values,
    lock_acting_row,
    to_profile,
)
from profiles.editing.publishing.publish import (
    change_event,
    check_draft,
    differing_values,
    draft_metadata,
    publish_draft,
    publish_sections,
)
from profiles.editing.publishing.snapshot import NEWEST_SNAPSHOT, recent_values, take_snapshot
from profiles.editing.publishing.storing import feeds_public_row, needs_session, store
from profiles.editing.validation import validate_sections
from profiles.public.rebuilding.rebuild import rebuild


@lru_cache(8)
def _read_to_save(condition: str) -> str:
    """The profile, and whether the newest snapshot of late is a restore's; null where there is none."""
    read = f"{LOCK_AND_READ_PROFILE[1]} and {condition}"
    return f"select profile.*, ({NEWEST_SNAPSHOT}) from ({read}) as profile"


def publish_sections_at_once(
    user_id: int, sections: Mapping[str, Any], precondition: Precondition = any_state
) -> Profile:
    """As publish_sections, and commits."""

    def check(profile: Profile) -> Values:
        values = validate_sections(profile.role, sections)
        precondition(profile)
        return values

    published = _publish_without_session(user_id, check)
    if published is None:
        published = publish_sections(user_id, sections, precondition)
        db.session.commit()
    return published


def publish_draft_at_once(user_id: int, precondition: Precondition = any_state) -> Profile:
    """As publish_draft, and commits."""

    def check(profile: Profile) -> Values:
        return check_draft(profile, precondition)

    published = _publish_without_session(user_id, check, of_draft=True)
    if published is None:
        published = publish_draft(user_id, precondition)
        db.session.commit()
    return published


def _publish_without_session(
    user_id: int, check: Callable[[Profile], Values], *, of_draft: bool = False
) -> Profile | None:
    """Publish and commit what `check` returns for the locked profile.

    None, and nothing is done, where a changed value needs the session.
    """
    with short_transaction() as transaction:
        *row, newest_is_restored = lock_acting_row(
            transaction, user_id, _read_to_save(caller_condition()), recent_values()
        )
        profile = to_profile(user_id, row)
        values = check(profile)
        changed = differing_values(profile, values)
        if not changed and not is_published_by(profile.draft, values):
            return profile
        if needs_session(changed):
            return None
        if changed:
            if newest_is_restored is not False:
                take_snapshot(transaction, profile)
            store(transaction, user_id, changed, change_event(profile, changed))
        draft = drop_published(transaction, profile, values)
        if of_draft:
            write_by_key(transaction, _draft_event(profile), INSERT_EVENT)
        if feeds_public_row(changed):
            rebuild(transaction, {user_id})
        transaction.commit()
    return replace(profile, values=profile.values | changed, draft=draft)


def _draft_event(profile: Profile) -> dict[str, Any]:
    """The event of a published draft, as values of INSERT_EVENT."""
    metadata = draft_metadata(profile)
    return event_parameters(
        Action.PROFILE_AUTOSAVE_PUBLISHED, profile.user_id, metadata, status_code=200
    )
