"""The stored draft: written, emptied of published fields, discarded."""

from collections.abc import Mapping
from typing import Any

import orjson

from activity import Action, record
from common.database.session import db
from common.http.errors import NotFound
from common.translation import lazy_gettext
from profiles.editing.document import to_sections
from profiles.editing.etags import Precondition, any_state
from profiles.editing.profile import Draft, Profile, lock_profile

# Sent to the driver as text, as the reading of a profile is.
WRITE_DRAFT = """
    insert into profile_drafts (user_id, data, version, autosaved_at)
    values (%(user_id)s, %(data)s, %(version)s, %(autosaved_at)s)
    on conflict (user_id) do update set
        data = excluded.data, version = excluded.version, autosaved_at = excluded.autosaved_at
"""


def write_draft(user_id: int, draft: Draft) -> None:
    """Store `draft` as it is. The caller holds the account's lock."""
    db.session.connection().exec_driver_sql(WRITE_DRAFT, {"user_id": user_id} | columns_of(draft))


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


def drop_published(profile: Profile, paths: Mapping[str, Any]) -> None:
    """Take published fields out of the draft; without its last one there is no draft."""
    values = profile.draft.values
    if values is None or not any(path in values for path in paths):
        return
    rest = {path: value for path, value in values.items() if path not in paths}
    write_draft(
        profile.user_id,
        Draft(
            rest or None, profile.draft.version + 1, profile.draft.autosaved_at if rest else None
        ),
    )


def discard(user_id: int, precondition: Precondition = any_state) -> None:
    """Discard the draft, if there is one. Its row stays, so that its version only grows."""
    profile = lock_profile(user_id)
    if profile.draft.values is None:
        return
    precondition(profile)
    version = profile.draft.version
    write_draft(user_id, Draft(None, version + 1, None))
    record(Action.PROFILE_AUTOSAVE_DISCARDED, user_id, metadata={"version": version})
