"""Builds valid people out of nothing, through the functions the API calls; a test names only
what matters to it."""

from functools import cache
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from common.database.session import db
from common.http.auth import issue_access_token
from profiles.accounts.models import User
from profiles.accounts.registration.creation import PROFILES, hash_password, register
from profiles.models import UserSettings

PASSWORD = "correct horse"

_numbers = count(1)


@cache
def _password_hash() -> str:
    """The hash of PASSWORD, made once a run: hashing is slow on purpose."""
    return hash_password(PASSWORD)


def make_user(role: str = "student", **values: Any) -> User:
    """A committed account, returned as a detached value; its address is verified unless `values` differ.

    `values` are columns of the user, of the profile of its role, or of the settings.
    """
    number = next(_numbers)
    user = register(
        values.pop("email", f"{role}{number}@example.org"),
        PASSWORD,
        values.pop("first_name", "Оксана"),
        values.pop("last_name", f"Тестова-{number}"),
        role=role,
        timezone=values.pop("timezone", None),
        password_hash=_password_hash(),
        email_verified=values.pop("email_verified", True),
    )
    rows = [user, db.session.get_one(UserSettings, user.id)]
    if role in PROFILES:
        rows.append(db.session.get_one(PROFILES[role], user.id))
    for name, value in values.items():
        row = next(row for row in rows if name in row.__mapper__.columns)
        setattr(row, name, value)
    db.session.commit()
    db.session.refresh(user)
    db.session.expunge(user)
    # Leaves no transaction open behind the test's back.
    db.session.commit()
    return user


def make_tutor(**values: Any) -> User:
    return make_user("tutor", **values)


def make_student(**values: Any) -> User:
    return make_user("student", **values)


def auth_header(user: User | int) -> dict[str, str]:
    """The header of a request by `user`."""
    user_id = user if isinstance(user, int) else user.id
    return {"Authorization": f"Bearer {issue_access_token(user_id)}"}


def as_user(client: FlaskClient, user: User | int) -> FlaskClient:
    """A client of its own, logged in as `user`; `client` stays who it was."""
    app = client.application
    mine = type(client)(app, app.response_class, use_cookies=True)
    mine.environ_base["HTTP_AUTHORIZATION"] = auth_header(user)["Authorization"]
    return mine
