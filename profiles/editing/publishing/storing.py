"""Stores the changed values of a profile with the event that says so."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy.orm.util import identity_key

from activity import INSERT_EVENT
from common.database.session import Transaction, db, write_by_key
from profiles.editing.fields.names import FIELD_AT
from profiles.editing.profile.values import Values
from profiles.models import StudentProfile, TutorProfile
from profiles.public.rebuilding.session_events import WATCHED, rebuild_at_commit

# Their rows are updated by key, without loading them. Accounts and settings are changed through the
# session, which also moves the avatar that a change hides.
BY_KEY: tuple[type[Any], ...] = (TutorProfile, StudentProfile)


def needs_session(changed: Values) -> bool:
    """Whether any of these values, by canonical name, is changed through the session."""
    return any(model not in BY_KEY for model in _by_model(changed))


def feeds_public_row(changed: Values) -> bool:
    """Whether the public row is made of any of these values."""
    return any(model in WATCHED for model in _by_model(changed))


def store(
    transaction: Transaction, user_id: int, changed: Values, event: Mapping[str, Any]
) -> None:
    """Store values by canonical name, and an event, which is the values of INSERT_EVENT.

    The caller holds the account's lock, and has the public row rebuilt (`feeds_public_row`).
    `transaction` is the session's where a value needs it.
    """
    statements, values = [], dict(event)
    for model, columns in _by_model(changed).items():
        if model not in BY_KEY:
            row = db.session.get_one(model, user_id, populate_existing=True)
            for name, value in columns.items():
                setattr(row, name, value)
            continue
        table = model.__tablename__
        statements.append(_update(table, tuple(columns)))
        values |= {f"{table}_{name}": value for name, value in columns.items()}
    write_by_key(transaction, values, *statements, INSERT_EVENT)


def _by_model(changed: Values) -> dict[type[Any], dict[str, Any]]:
    """Values by column, by the model of the table that stores them."""
    by_model: dict[type[Any], dict[str, Any]] = {}
    for path, value in changed.items():
        column = FIELD_AT[path].column
        assert column is not None, "a writable field is stored"
        by_model.setdefault(column.parent.class_, {})[column.key] = value
    return by_model


@lru_cache(64)
def _update(table: str, names: tuple[str, ...]) -> str:
    """The statement that sets some columns of the account's row."""
    new = ", ".join(f"{name} = %({table}_{name})s" for name in names)
    return f"update {table} set {new} where user_id = %(user_id)s"


def follow_in_session(user_id: int, changed: Values) -> None:
    """Have the session rebuild the public row when it commits, and read rows again that it may have
    loaded before."""
    if feeds_public_row(changed):
        rebuild_at_commit(db.session(), user_id)
    for model in BY_KEY:
        loaded = db.session.identity_map.get(identity_key(model, user_id))
        if loaded is not None:
            db.session.expire(loaded)
