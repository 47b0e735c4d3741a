"""A profile as one document: read, taken apart into its values, compared, put together again.

Everything between the database and JSON works on values by their home path ("tutor_profile.bio"),
so that it does not matter through which of its names a value came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import psycopg2

from common.clock import isoformat
from common.database.session import db, read_rows
from common.database.short_transaction import ShortTransaction
from common.http.errors import NotFound
from profiles.accounts.lookup import account_missing, get_locked_user
from profiles.accounts.models import User
from profiles.editing.sections import (
    LEAF_AT,
    LEAVES,
    SECTIONS,
    Leaf,
    doors_of,
    sections_of,
)
from profiles.models import ProfileDraft, StudentProfile, TutorProfile, UserSettings

# Values by home path.
Values = dict[str, Any]
Sections = dict[str, dict[str, Any]]


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


STORED_LEAVES = tuple(leaf for leaf in LEAVES if leaf.column is not None)
CONSTANTS = {leaf.path: leaf.constant for leaf in LEAVES if leaf.column is None}
_READ = (
    select(
        User.role,
        ProfileDraft.data,
        ProfileDraft.version,
        ProfileDraft.autosaved_at,
        *(leaf.column.label(leaf.path) for leaf in STORED_LEAVES if leaf.column is not None),
    )
    .select_from(User)
    .join(UserSettings, UserSettings.user_id == User.id)
    .outerjoin(TutorProfile, TutorProfile.user_id == User.id)
    .outerjoin(StudentProfile, StudentProfile.user_id == User.id)
    .outerjoin(ProfileDraft, ProfileDraft.user_id == User.id)
    .where(User.id == bindparam("user_id"))
)
# Handed to the driver as text: compiled once, and its values need no conversion.
READ_PROFILE = str(_READ.compile(dialect=psycopg2.dialect()))
# Two statements on one way to the server, so that the second sees what the lock's former holder
# has committed. One statement would not: it sees the moment at which it began to wait.
LOCK_AND_READ_PROFILE = (
    f"select from users where id = %(user_id)s for no key update; {READ_PROFILE} and is_active"
)


def get_profile(user_id: int) -> Profile:
    """The profile as the session's transaction sees it. Raises NotFound."""
    profile = _read(READ_PROFILE, user_id)
    if profile is None:
        raise NotFound("There is no such profile.")
    return profile


def read_profile_alone(user_id: int) -> Profile:
    """The profile as it stands, read without a transaction. Raises NotFound."""
    for row in read_rows(READ_PROFILE, {"user_id": user_id}):
        return _profile(user_id, row)
    raise NotFound("There is no such profile.")


def lock_profile(user_id: int) -> Profile:
    """The profile, read after its account was locked until the transaction ends.

    A 401 when the account was erased or deactivated in the meantime.
    """
    return _read(LOCK_AND_READ_PROFILE, user_id) or get_profile(get_locked_user(user_id).id)


def lock_acting_profile(transaction: ShortTransaction, user_id: int) -> Profile:
    """As lock_profile, in a transaction without a session."""
    rows = transaction.rows(LOCK_AND_READ_PROFILE, {"user_id": user_id})
    if not rows:
        raise account_missing()
    return _profile(user_id, rows[0])


def _read(statement: str, user_id: int) -> Profile | None:
    connection = db.session.connection()
    row = connection.exec_driver_sql(statement, {"user_id": user_id}).one_or_none()
    return None if row is None else _profile(user_id, row)


def _profile(user_id: int, row: Sequence[Any]) -> Profile:
    role, data, version, autosaved_at, *stored = row
    values = {
        leaf.path: leaf.shown(value) for leaf, value in zip(STORED_LEAVES, stored, strict=True)
    }
    values |= CONSTANTS
    drafted = flat(role, data) or None
    draft = Draft(drafted, version or 0, autosaved_at if drafted else None)
    return Profile(user_id, role, values, draft)


def read_profile(user: User) -> dict[str, Any]:
    """The whole profile of `user`, as its owner reads it."""
    return whole(get_profile(user.id))


def whole(profile: Profile) -> dict[str, Any]:
    """The document an owner reads: every section under all its names."""
    doors = doors_of(profile.role)
    document: dict[str, Any] = {
        section: (
            {name: profile.values[door.leaf.path] for name, door in doors[section].items()}
            if section in doors
            else None
        )
        for section in SECTIONS
    }
    document["avatar_url"] = profile.values["user.avatar_url"]
    document["draft"] = summary(profile.draft)
    return document


def summary(draft: Draft) -> dict[str, Any] | None:
    """What a profile tells of its draft."""
    if draft.values is None:
        return None
    return {"autosaved_at": saved_at(draft), "version": draft.version}


def saved_at(draft: Draft) -> str | None:
    return None if draft.autosaved_at is None else isoformat(draft.autosaved_at)


def nested(values: Values) -> Sections:
    """Values by path as {section: {name: value}}, in the table's order."""
    sections: Sections = {}
    for leaf in LEAVES:
        if leaf.path in values:
            sections.setdefault(leaf.home, {})[leaf.name] = values[leaf.path]
    return sections


def flat(role: str, sections: Any) -> Values:
    """The writable values of {section: {name: value}} under their home names only.

    What a profile of `role` does not have (any more) is left out: stored documents may be older
    than the table.
    """
    values: Values = {}
    for section in sections_of(role):
        content = sections.get(section) if isinstance(sections, dict) else None
        if isinstance(content, dict):
            for name, value in content.items():
                leaf = LEAF_AT.get(f"{section}.{name}")
                if leaf is not None and not leaf.is_read_only:
                    values[leaf.path] = value
    return values


def canonical(path: str, value: Any) -> Any:
    """What publishing `value` would store; the value itself where that would be refused."""
    try:
        return LEAF_AT[path].clean(value)
    except ValidationError:
        return value


def differing(values: Values, published: Values) -> list[str]:
    """The paths whose value would change what is published, in the table's order."""
    return [
        leaf.path
        for leaf in LEAVES
        if leaf.path in values and canonical(leaf.path, values[leaf.path]) != published[leaf.path]
    ]


def writable_leaves(role: str) -> list[Leaf]:
    """The values that a profile of `role` has and its owner may change."""
    present = sections_of(role)
    return [leaf for leaf in LEAVES if leaf.home in present and not leaf.is_read_only]
