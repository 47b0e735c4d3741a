"""Autosave: merges what the owner has typed into the draft.

A draft holds values by canonical name only, so a field saved by either of its names is one value.
All writers hold the account's lock, so concurrent merges lose nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from activity import INSERT_EVENT, Action, event_parameters, record
from common.clock import now
from common.database.session import db
from common.database.short_transaction import short_transaction
from common.http.problems.errors import PayloadTooLarge
from common.translation import lazy_gettext
from profiles.editing.profile.document import field_names, to_sections
from profiles.editing.profile.draft import WRITE_DRAFT, columns_of, write_draft
from profiles.editing.profile.etags import Precondition, any_state
from profiles.editing.profile.values import (
    Draft,
    Profile,
    Values,
    lock_acting_profile,
    lock_profile,
)
from profiles.editing.validation import validate_sections

LARGEST_DRAFT_BYTES = 64 * 1024


def merge(draft: Values | None, saved: Values) -> Values:
    """The draft after `saved`: later values win, `null` among them, and no other value is lost.

    Sections are objects of values that replace each other whole, so a deep merge of sections is
    this flat one of values by canonical name.
    """
    return {**(draft or {}), **saved}


def autosave(
    user_id: int, body: Mapping[str, Any], precondition: Precondition = any_state
) -> Profile:
    """Merge `body` into the draft; nothing published changes. The caller commits."""
    profile = lock_profile(user_id)
    merged = _merged(profile, body, precondition)
    if merged is None:
        return profile
    write_draft(db.session.connection(), user_id, merged.draft)
    record(Action.PROFILE_AUTOSAVE, user_id, metadata=merged.metadata)
    return replace(profile, draft=merged.draft)


def autosave_at_once(
    user_id: int, body: Mapping[str, Any], precondition: Precondition = any_state
) -> Profile:
    """As autosave, in a transaction of its own: every pause in typing is such a request, and a
    session costs more than the rest of it."""
    with short_transaction() as transaction:
        profile = lock_acting_profile(transaction, user_id)
        merged = _merged(profile, body, precondition)
        if merged is None:
            return profile
        event = event_parameters(Action.PROFILE_AUTOSAVE, user_id, merged.metadata)
        transaction.finish((WRITE_DRAFT, INSERT_EVENT), columns_of(merged.draft) | event)
    return replace(profile, draft=merged.draft)


class MergedDraft(NamedTuple):
    """A draft to be stored, and the metadata of its event."""

    draft: Draft
    metadata: dict[str, Any]


def _merged(
    profile: Profile, body: Mapping[str, Any], precondition: Precondition
) -> MergedDraft | None:
    """The draft of a locked profile with `body` merged into it; None when that changes nothing."""
    given = validate_sections(profile.role, body, for_draft=True)
    precondition(profile)
    before = profile.draft.values or {}
    merged = merge(before, given)
    if merged == before:
        return None
    _refuse_too_large(merged)
    changed = {
        path: value for path, value in given.items() if path not in before or before[path] != value
    }
    version = profile.draft.version + 1
    metadata = {**field_names(changed), "version": version}
    return MergedDraft(Draft(merged, version, now()), metadata)


def _refuse_too_large(values: Values) -> None:
    if len(orjson.dumps(to_sections(values))) > LARGEST_DRAFT_BYTES:
        raise PayloadTooLarge(lazy_gettext("The draft would grow beyond 64 KiB."))
