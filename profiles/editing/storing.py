"""Stores the changed values of a profile with the event that says so, in the session's transaction."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy.orm.util import identity_key

from activity import INSERT_EVENT
from common.database.session import db, execute_by_key
from profiles.editing.fields.names import FIELD_AT
from profiles.editing.profile import Values
from profiles.models import StudentProfile, TutorProfile
from profiles.public.session_events import rebuild_at_commit

# Their rows are updated by key, without loading them. Accounts and settings are changed through the
# session, which also moves the avatar that a change hides.
BY_KEY: tuple[type[Any], ...] = (TutorProfile, StudentProfile)


def store(user_id: int, changed: Values, event: Mapping[str, Any]) -> None:
    """Store values by canonical name, and an event, which is the values of INSERT_EVENT.

    The caller holds the account's lock.
    """
    by_model: dict[type[Any], dict[str, Any]] = {}
    for path, value in changed.items():
        column = FIELD_AT[path].column
        assert column is not None, "a writable field is stored"
        by_model.setdefault(column.parent.class_, {})[column.key] = value
    statements, values = [], dict(event)
    for model, columns in by_model.items():
        if model not in BY_KEY:
            row = db.session.get_one(model, user_id, populate_existing=True)
            for name, value in columns.items():
                setattr(row, name, value)
            continue
        table = model.__tablename__
        statements.append(_update(table, tuple(columns)))
        values |= {f"{table}_{name}": value for name, value in columns.items()}
        rebuild_at_commit(db.session(), user_id)
        _expire(model, user_id)
    execute_by_key(db.session.connection(), values, *statements, INSERT_EVENT)


@lru_cache(64)
def _update(table: str, names: tuple[str, ...]) -> str:
    """The statement that sets some columns of the account's row."""
    new = ", ".join(f"{name} = %({table}_{name})s" for name in names)
    return f"update {table} set {new} where user_id = %(user_id)s"


def _expire(model: type[Any], user_id: int) -> None:
    """Have the session read the row again that it may have loaded before."""
    loaded = db.session.identity_map.get(identity_key(model, user_id))
    if loaded is not None:
        db.session.expire(loaded)
