"""Builds a drawn world: its people, their pasts one change after the other, and their traces."""

from collections.abc import Iterable
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import current_app

from activity import Action, event_queue, record
from common.database.session import db
from common.media.files import remove_file
from profiles.accounts.models import RefreshToken, User
from profiles.models import ProfileDraft, StudentProfile, TutorProfile, UserSettings
from tests.database import Janitor
from tests.privacy.worlds import REGISTERED_AT, Person


def build(people: Iterable[Person], janitor: Janitor) -> None:
    """Make this world and no other, through the session as every writer does."""
    _sweep(janitor)
    people = deepcopy(list(people))
    for person in people:
        _add((person.past or [person.values])[0], person)
    db.session.commit()
    for person in people:
        for before, after in pairwise([*person.past, person.values]):
            _change(after, before)
            db.session.commit()
    for person in people:
        if not person.exists:
            db.session.delete(db.session.get_one(User, person.values["id"]))
        else:
            _leave_traces(person)
    db.session.commit()
    db.session.remove()


def _sweep(janitor: Janitor) -> None:
    db.session.remove()
    event_queue().drain()
    janitor.clean()
    for path in Path(current_app.config["MEDIA_DIR"]).rglob("*.webp"):
        path.unlink()


def _add(values: dict[str, Any], person: Person) -> None:
    user = _row(User, values, email_key=values["email"].casefold(), password_hash=str(uuid4()))
    db.session.add(user)
    db.session.flush()
    model = TutorProfile if values["role"] == "tutor" else StudentProfile
    db.session.add(_row(model, values, user_id=user.id))
    db.session.add(_row(UserSettings, {**values, **person.preferences}, user_id=user.id))
    _store_avatar(values)


def _row(model: Any, values: dict[str, Any], **more: Any) -> Any:
    columns = model.__mapper__.column_attrs.keys()
    return model(**{name: value for name, value in values.items() if name in columns}, **more)


def _change(values: dict[str, Any], before: dict[str, Any]) -> None:
    """From what was to what is."""
    if values["avatar_name"] != before["avatar_name"]:
        _store_avatar(values)
        # Not the name of before, when the application has given it another since.
        stored = db.session.get_one(User, values["id"]).avatar_name
        if stored:
            remove_file(stored)
    for model in (User, TutorProfile, UserSettings):
        row = db.session.get(model, values["id"])
        for name in model.__mapper__.column_attrs.keys():
            if row is not None and name in values and values[name] != before[name]:
                setattr(row, name, values[name])
    db.session.get_one(User, values["id"]).email_key = values["email"].casefold()


def _store_avatar(values: dict[str, Any]) -> None:
    if values["avatar_name"]:
        path = Path(current_app.config["MEDIA_DIR"]) / values["avatar_name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a picture")


def _leave_traces(person: Person) -> None:
    """What an account has beside its profile."""
    user_id = person.values["id"]
    if person.draft is not None:
        # The row of a discarded draft stays, for its version.
        data = None if person.discards_draft else person.draft
        db.session.add(ProfileDraft(user_id=user_id, data=data, version=3))
    if person.has_log:
        record(Action.AUTH_LOGIN, user_id)
        token = RefreshToken(user_id=user_id, family_id=uuid4(), token_hash=uuid4().bytes)
        token.issued_at, token.expires_at = REGISTERED_AT, REGISTERED_AT
        db.session.add(token)
