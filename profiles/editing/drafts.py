"""The draft: merged as the owner types, compared with what is published, discarded.

A draft holds values under their home names only, so a field saved through either of its names is
one value. All writers hold the account's lock, so concurrent merges lose nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from activity import INSERT_EVENT, Action, event_parameters, record
from common.clock import now
from common.database.session import db
from common.database.short_transaction import short_transaction
from common.http.conditional import strong_etag
from common.http.errors import NotFound, PayloadTooLarge
from profiles.editing.document import (
    Draft,
    Profile,
    Values,
    differing,
    lock_acting_profile,
    lock_profile,
    nested,
    saved_at,
)
from profiles.editing.validation import gather

LARGEST_DRAFT_BYTES = 64 * 1024

# Called with the profile under its lock, before anything is written; raises to refuse the write.
Precondition = Callable[[Profile], None]

# Handed to the driver as text, as the reading of a profile is.
WRITE_DRAFT = """
    insert into profile_drafts (user_id, data, version, autosaved_at)
    values (%(user_id)s, %(data)s, %(version)s, %(autosaved_at)s)
    on conflict (user_id) do update set
        data = excluded.data, version = excluded.version, autosaved_at = excluded.autosaved_at
"""


def any_state(profile: Profile) -> None:
    """The precondition that always holds."""


def merge(draft: Values | None, saved: Values) -> Values:
    """The draft after `saved`: later values win, `null` among them, and no other value is lost.

    Sections are objects of values that replace each other whole, so a deep merge of sections is
    this flat one of home paths.
    """
    return {**(draft or {}), **saved}


def autosave(
    user_id: int, body: Mapping[str, Any], precondition: Precondition = any_state
) -> Profile:
    """Merge what the owner typed into the draft; nothing published changes."""
    profile = lock_profile(user_id)
    saved = _saved(profile, body, precondition)
    if saved is None:
        return profile
    write_draft(user_id, saved.draft)
    record(Action.PROFILE_AUTOSAVE, user_id, metadata=saved.metadata)
    return replace(profile, draft=saved.draft)


def autosave_at_once(
    user_id: int, body: Mapping[str, Any], precondition: Precondition = any_state
) -> Profile:
    """As autosave, in a transaction of its own: for the door, since every pause in typing is
    such a call, and a session costs more than the rest of it."""
    with short_transaction() as transaction:
        profile = lock_acting_profile(transaction, user_id)
        saved = _saved(profile, body, precondition)
        if saved is None:
            return profile
        event = event_parameters(Action.PROFILE_AUTOSAVE, user_id, saved.metadata)
        transaction.finish(f"{WRITE_DRAFT}; {INSERT_EVENT}", columns_of(saved.draft) | event)
    return replace(profile, draft=saved.draft)


class Saved(NamedTuple):
    """A draft to be, and what its event tells."""

    draft: Draft
    metadata: dict[str, Any]


def _saved(profile: Profile, body: Mapping[str, Any], precondition: Precondition) -> Saved | None:
    """The draft of a locked profile with `body` merged into it; None when that changes nothing."""
    given = gather(profile.role, body, for_draft=True)
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
    return Saved(Draft(merged, version, now()), {**named(changed), "version": version})


def discard(user_id: int, precondition: Precondition = any_state) -> None:
    """Throw the draft away, if there is one. Its row stays, so that its version only grows."""
    profile = lock_profile(user_id)
    if profile.draft.values is None:
        return
    precondition(profile)
    version = profile.draft.version
    write_draft(user_id, Draft(None, version + 1, None))
    record(Action.PROFILE_AUTOSAVE_DISCARDED, user_id, metadata={"version": version})


def refuse_without_draft(profile: Profile) -> None:
    if profile.draft.values is None:
        raise NotFound("There is no draft.")


def drop_values(profile: Profile, paths: Mapping[str, Any]) -> None:
    """Take published values out of the draft; with its last value the draft is gone."""
    values = profile.draft.values
    if values is None or not any(path in values for path in paths):
        return
    rest = {path: value for path, value in values.items() if path not in paths}
    write_draft(
        profile.user_id,
        Draft(
            rest or None,
            profile.draft.version + 1,
            profile.draft.autosaved_at if rest else None,
        ),
    )


def write_draft(user_id: int, draft: Draft) -> None:
    """Store `draft` as it is. The caller holds the account's lock."""
    db.session.connection().exec_driver_sql(WRITE_DRAFT, {"user_id": user_id} | columns_of(draft))


def columns_of(draft: Draft) -> dict[str, Any]:
    return {
        "data": None if draft.values is None else orjson.dumps(nested(draft.values)).decode(),
        "version": draft.version,
        "autosaved_at": draft.autosaved_at,
    }


def show_draft(profile: Profile) -> dict[str, Any]:
    """The draft as its owner reads it, with the fields it would change."""
    values = profile.draft.values or {}
    return {
        "autosaved_at": saved_at(profile.draft),
        "version": profile.draft.version,
        "data": nested(values),
        "dirty": differing(values, profile.values),
    }


def draft_etag(profile: Profile) -> str | None:
    """The validator of the draft; None when there is none. No version ever returns."""
    if profile.draft.values is None:
        return None
    return strong_etag("draft", profile.user_id, profile.draft.version)


def named(values: Values) -> dict[str, list[str]]:
    """The sections and fields of `values`, for an event: never the texts themselves."""
    sections = nested(values)
    return {
        "sections": list(sections),
        "fields": [f"{section}.{name}" for section, fields in sections.items() for name in fields],
    }


def _refuse_too_large(values: Values) -> None:
    if len(orjson.dumps(nested(values))) > LARGEST_DRAFT_BYTES:
        raise PayloadTooLarge("The draft would grow beyond 64 KiB.")
