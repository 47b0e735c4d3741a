"""The stored draft: written, emptied of published fields, discarded."""

from collections.abc import Mapping
from typing import Any

import orjson

from activity import Action, record
from common.database.session import Transaction, db, write_by_key
from common.http.problems.errors import NotFound
from common.translation import lazy_gettext
from profiles.editing.profile.document import to_sections
from profiles.editing.profile.etags import Precondition, any_state
from profiles.editing.profile.values import Draft, Profile, lock_profile

# Sent to the driver as text, as the reading of a profile is.
WRITE_DRAFT = """
    insert into profile_drafts (user_id, data, version, autosaved_at)
    values (%(user_id)s, %(data)s, %(version)s, %(autosaved_at)s)
    on conflict (user_id) do update set
        data = excluded.data, version = excluded.version, autosaved_at = excluded.autosaved_at
"""


def write_draft(transaction: Transaction, user_id: int, draft: Draft) -> None:
    """Store `draft` as it is. The caller holds the account's lock."""
    write_by_key(transaction, {"user_id": user_id} | columns_of(draft), WRITE_DRAFT)


def columns_of(draft: Draft) -> dict[str, Any]:
    """The parameters of WRITE_DRAFT, but for the user's id."""
    return {
        "data": (
            None if draft.values is None else orjson.dumps(to_sections(draft.values)).decode()
        ),
        "version": draft.version,
        "autosaved_at": draft.autosaved_at,
    }


def refuse_without_draft(profile: Profile) -> None:
    """Raises NotFound."""
    if profile.draft.values is None:
        raise NotFound(lazy_gettext("There is no draft."))


def is_published_by(draft: Draft, paths: Mapping[str, Any]) -> bool:
    """Whether one of these fields is in the draft."""
    return draft.values is not None and any(path in draft.values for path in paths)


def drop_published(transaction: Transaction, profile: Profile, paths: Mapping[str, Any]) -> Draft:
    """Take published fields out of the draft, and return it; without its last one there is none."""
    draft = profile.draft
    if draft.values is None or not is_published_by(draft, paths):
        return draft
    rest = {path: value for path, value in draft.values.items() if path not in paths}
    left = Draft(rest or None, draft.version + 1, draft.autosaved_at if rest else None)
    write_draft(transaction, profile.user_id, left)
    return left


def discard(user_id: int, precondition: Precondition = any_state) -> None:
    """Discard the draft, if there is one. Its row stays, so that its version only grows."""
    profile = lock_profile(user_id)
    if profile.draft.values is None:
        return
    precondition(profile)
    version = profile.draft.version
    write_draft(db.session.connection(), user_id, Draft(None, version + 1, None))
    record(Action.PROFILE_AUTOSAVE_DISCARDED, user_id, metadata={"version": version})
