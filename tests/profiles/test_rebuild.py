"""Public rows follow every change, and tell of nothing but it."""

from typing import Any

import orjson

from common.db import db
from profiles.accounts.models import User
from profiles.models import TutorProfile, UserSettings
from profiles.public import PublicTutor, public_revision
from tests.factories import make_student, make_tutor


def card_of(tutor: User) -> dict[str, Any] | None:
    stored = db.session.scalar(db.select(PublicTutor.card).where(PublicTutor.tutor_id == tutor.id))
    db.session.rollback()
    return None if stored is None else orjson.loads(stored)


def revision() -> int:
    value = public_revision(db.session.connection())
    db.session.rollback()
    return value


def change(tutor: User, **values: Any) -> None:
    """Change one account, profile or setting as a writer does, and commit."""
    homes = (User, TutorProfile, UserSettings)
    for name, value in values.items():
        home = next(model for model in homes if name in model.__mapper__.columns)
        setattr(db.session.get(home, tutor.id), name, value)
    db.session.commit()


def test_a_new_tutor_is_listed_at_once(app):
    tutor = make_tutor(first_name="Іванна", last_name="Франко")
    assert card_of(tutor)["full_name"] == "Іванна Франко"


def test_a_student_has_no_public_row(app):
    assert card_of(make_student(bio="Вчуся.")) is None
