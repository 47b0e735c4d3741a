"""A profile with its draft, as values by canonical name: read, and read under the account's lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select

from common.database.connections.prepared_statements import KEYED_PLANS
from common.database.session import db, driver_text, execute_by_key, read_rows
from common.database.short_transaction import ShortTransaction
from common.http.acting_accounts import (
    caller_condition,
    caller_values,
    confirm,
)
from common.http.problems.errors import NotFound
from common.translation import lazy_gettext
from profiles.accounts.lookup import account_missing, get_locked_user
from profiles.accounts.models import User
from profiles.editing.fields.names import FIELD_AT, sections_of
from profiles.editing.fields.profile_field import unchanged
from profiles.editing.fields.profile_fields import PROFILE_FIELDS
from profiles.models import ProfileDraft, StudentProfile, TutorProfile, UserSettings

# By canonical name ("tutor_profile.bio"), so that it does not matter through which of its names
# a value came.
Values = dict[str, Any]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Draft:
    """The unpublished values as they are stored; `values` is None when there is no draft."""

    values: Values | None
    version: int
    autosaved_at: datetime | None


@dataclass(frozen=True)
class Profile:
    """All of one account's profile, published and not, as it was read in one statement."""

    user_id: int
    role: str
    values: Values
    draft: Draft


STORED_FIELDS = tuple(each for each in PROFILE_FIELDS if each.column is not None)
STORED_PATHS = tuple(each.path for each in STORED_FIELDS)
TO_JSON = {each.path: each.to_json for each in STORED_FIELDS if each.to_json is not unchanged}
CONSTANTS = {each.path: each.constant for each in PROFILE_FIELDS if each.column is None}
_READ = (
    select(
        User.role,
        ProfileDraft.data,
        ProfileDraft.version,
        ProfileDraft.autosaved_at,
        *(each.column.label(each.path) for each in STORED_FIELDS if each.column is not None),
    )
    .select_from(User)
    .join(UserSettings, UserSettings.user_id == User.id)
    .outerjoin(TutorProfile, TutorProfile.user_id == User.id)
    .outerjoin(StudentProfile, StudentProfile.user_id == User.id)
    .outerjoin(ProfileDraft, ProfileDraft.user_id == User.id)
    .where(User.id == bindparam("user_id"))
)
READ_PROFILE = driver_text(_READ)
# Two statements in one message, so that the second sees what the lock's former holder has
# committed. One statement would not: its snapshot is of the time at which it began to wait.
LOCK_AND_READ_PROFILE = (
    "select from users where id = %(user_id)s for no key update",
    f"{READ_PROFILE} and is_active",
)


def get_profile(user_id: int) -> Profile:
    """The profile as the session's transaction sees it. Raises NotFound."""
    profile = _read(user_id, READ_PROFILE)
    if profile is None:
        raise NotFound(lazy_gettext("There is no such profile."))
    return profile


def read_profile_alone(user_id: int) -> Profile:
    """The profile as it stands, read without a transaction. Raises NotFound."""
    for row in read_rows(READ_PROFILE, {"user_id": user_id}, KEYED_PLANS):
        return to_profile(user_id, row)
    raise NotFound(lazy_gettext("There is no such profile."))


def lock_profile(user_id: int) -> Profile:
    """The profile, read after its account was locked until the transaction ends.

    Raises Unauthorized when the account was erased or deactivated in the meantime.
    """
    return _read(user_id, *LOCK_AND_READ_PROFILE) or get_profile(get_locked_user(user_id).id)


def lock_acting_profile(transaction: ShortTransaction, user_id: int) -> Profile:
    """As lock_profile, of the caller, in a transaction without a session."""
    read = f"{LOCK_AND_READ_PROFILE[1]} and {caller_condition()}"
    return to_profile(user_id, lock_acting_row(transaction, user_id, read))


def lock_acting_row(
    transaction: ShortTransaction, user_id: int, read: str, values: Mapping[str, Any] = NOTHING
) -> Sequence[Any]:
    """The row that `read`, with `caller_condition`, reads of the caller's account, which is locked.

    Raises Unauthorized as lock_profile does.
    """
    parameters = {"user_id": user_id, **caller_values(), **values}
    rows = transaction.rows((LOCK_AND_READ_PROFILE[0], read), parameters)
    if not rows:
        # Once the transaction has ended, the answer says why, if it is the caller who may not act: to
        # ask here would take a second connection while others wait for the account's lock.
        raise account_missing()
    confirm()
    return rows[0]


def from_sections(role: str, sections: Any) -> Values:
    """The writable values of {section: {name: value}}, read by their canonical names only.

    What a profile of `role` does not have (any more) is left out: stored documents may be older
    than the table of fields.
    """
    values: Values = {}
    for section in sections_of(role):
        content = sections.get(section) if isinstance(sections, dict) else None
        if isinstance(content, dict):
            for name, value in content.items():
                field = FIELD_AT.get(f"{section}.{name}")
                if field is not None and not field.is_read_only:
                    values[field.path] = value
    return values


def _read(user_id: int, *statements: str) -> Profile | None:
    connection = db.session.connection()
    rows = execute_by_key(connection, {"user_id": user_id}, *statements)
    return to_profile(user_id, rows[0]) if rows else None


def to_profile(user_id: int, row: Sequence[Any]) -> Profile:
    """The profile that a row of READ_PROFILE holds."""
    role, data, version, autosaved_at, *stored = row
    values: Values = dict(zip(STORED_PATHS, stored, strict=True)) | CONSTANTS
    for path, to_json in TO_JSON.items():
        values[path] = to_json(values[path])
    drafted = from_sections(role, data) or None
    draft = Draft(drafted, version or 0, autosaved_at if drafted else None)
    return Profile(user_id, role, values, draft)
