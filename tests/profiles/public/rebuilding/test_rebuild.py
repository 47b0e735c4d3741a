"""Public rows follow every change in its own transaction, and tell of nothing but it."""

from typing import Any

import orjson
import pytest
from sqlalchemy import delete, select, text, update

from common.database.session import db
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.models import User
from profiles.models import TutorProfile, UserSettings
from profiles.public.privacy import HIDEABLE
from profiles.public.rebuilding.rebuild import rebuild
from profiles.public.rebuilding.session_events import REBUILDS
from tests.factories import make_student, make_tutor
from tests.profiles.profile_values import UNSET, sources_of
from tests.profiles.public.public_rows import change, everything_public, revision, row_of

FILLED = {
    "headline": "Логарифми без страху",
    "bio": "Викладаю тригонометрію.",
    "subjects": ["Математика", "Каліграфія"],
    "certifications": ["EdEra"],
    "languages": ["uk"],
    "hourly_rate": 420,
    "show_email_publicly": True,
}


def card_of(tutor: User) -> dict[str, Any]:
    return orjson.loads(row_of(tutor.id)["card"])


def subjects_of(tutor: User) -> set[str]:
    return {code for tutor_id, code, *_ in everything_public()[1] if tutor_id == tutor.id}


def test_a_new_tutor_is_listed_at_once(app):
    tutor = make_tutor(first_name="Іванна", last_name="Франко")
    assert card_of(tutor)["full_name"] == "Іванна Франко"


def test_a_student_has_no_public_row(app):
    assert row_of(make_student(bio="Вчуся.").id) is None


@pytest.mark.parametrize(
    "values",
    [
        {"last_name": "Інша"},
        {"timezone": "Europe/Warsaw"},
        {"bio": "Інше."},
        {"hourly_rate": None},
        {"show_bio_publicly": False},
        {"rating": 4.5, "reviews_count": 2},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_change_of_account_profile_or_settings_changes_the_row_and_the_revision(app, values):
    tutor = make_tutor(**FILLED)
    before, revision_before = row_of(tutor.id), revision()
    change(tutor, **values)
    assert row_of(tutor.id)["etag"] != before["etag"]
    assert revision() != revision_before


@pytest.mark.parametrize(
    "values",
    [
        {"password_hash": "another"},
        {"dark_mode": True},
        {"ui_language": "pl"},
        {"headline": FILLED["headline"]},
        {"is_self_learning": True},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_change_of_nothing_public_leaves_no_trace(app, values):
    tutor = make_tutor(**FILLED)
    before = everything_public(), revision(), physical_row(tutor)
    change(tutor, **values)
    assert (everything_public(), revision(), physical_row(tutor)) == before


@pytest.mark.parametrize("field", HIDEABLE)
def test_an_edit_of_a_hidden_value_leaves_no_trace(app, field):
    tutor = make_tutor(**FILLED)
    change(tutor, **{HIDEABLE[field]: False})
    before = everything_public(), revision(), physical_row(tutor)
    other = {"bio": "Геть інше.", "avatar_name": "avatars/other.webp", "email": "o@example.org"}
    for source in sources_of(field):
        change(tutor, **{source: other.get(source, ["Інше"])})
        change(tutor, **{source: UNSET[source]})
    assert (everything_public(), revision(), physical_row(tutor)) == before


def physical_row(tutor: User) -> Any:
    """Where the row lies and who wrote it: not even rewritten with the same values."""
    row = db.session.execute(
        text("select ctid::text, xmin::text, xmax::text from public_tutors where tutor_id = :id"),
        {"id": tutor.id},
    ).one()
    db.session.rollback()
    return tuple(row)


@pytest.mark.parametrize("flag", {*HIDEABLE.values(), "public_profile_enabled"})
def test_hiding_and_showing_again_leaves_the_row_as_it_was(app, flag):
    tutor = make_tutor(**FILLED)
    before = everything_public()
    change(tutor, **{flag: False})
    assert everything_public() != before or flag == "show_avatar_publicly"
    change(tutor, **{flag: True})
    assert everything_public() == before


@pytest.mark.parametrize(
    "values", [{"is_active": False}, {"public_profile_enabled": False}, {"role": "admin"}]
)
def test_an_unlisted_tutor_has_no_row_and_no_subjects(app, values):
    tutor = make_tutor(**FILLED)
    before = revision()
    change(tutor, **values)
    assert everything_public() == ([], [])
    assert revision() != before


def test_edits_of_an_unlisted_tutor_leave_no_trace(app):
    tutor = make_tutor(public_profile_enabled=False)
    before = revision()
    change(tutor, **FILLED)
    assert revision() == before


def test_an_erased_tutor_is_gone_with_the_commit_that_erases(app):
    tutor = make_tutor(**FILLED)
    before = revision()
    db.session.delete(db.session.get(User, tutor.id))
    db.session.commit()
    assert everything_public() == ([], [])
    assert revision() != before


def test_an_erasure_taken_back_leaves_no_trace(app):
    tutor = make_tutor(**FILLED)
    before = everything_public(), revision()
    savepoint = db.session.begin_nested()
    db.session.delete(db.session.get(User, tutor.id))
    db.session.flush()
    savepoint.rollback()
    db.session.commit()
    assert (everything_public(), revision()) == before


def test_subjects_are_stored_by_code_and_follow_the_profile(app):
    tutor = make_tutor(subjects=["Maths", "Каліграфія"])
    assert subjects_of(tutor) == {"math", "каліграфія"}
    change(tutor, subjects=["математика", "Англійська мова"])
    assert subjects_of(tutor) == {"math", "english"}
    change(tutor, show_subjects_publicly=False)
    assert subjects_of(tutor) == set()


def test_the_copies_beside_each_subject_follow_the_row(app):
    tutor = make_tutor(subjects=["math"], hourly_rate=100, languages=["uk"])
    change(tutor, hourly_rate=250, languages=["uk", "en"], certifications=["C1"])
    (posting,) = everything_public()[1]
    assert posting == (tutor.id, "math", *sortable(row_of(tutor.id)))


def sortable(row: dict[str, Any]) -> list[Any]:
    names = (
        "hourly_rate experience_years rating languages has_certifications score registered_us"
    ).split()
    return [row[name] for name in names]


def test_nothing_is_public_before_the_commit_and_nothing_after_a_rollback(app):
    tutor = make_tutor(**FILLED)
    before = everything_public(), revision()
    get_locked_user(tutor.id).first_name = "Незбережена"
    db.session.flush()
    db.session.rollback()
    assert (everything_public(), revision()) == before
    db.session.commit()
    assert (everything_public(), revision()) == before


def test_a_change_within_a_savepoint_is_public_with_the_transaction(app):
    tutor = make_tutor(**FILLED)
    with db.session.begin_nested():
        db.session.get(User, tutor.id).first_name = "Вкладена"
    db.session.commit()
    assert card_of(tutor)["full_name"].startswith("Вкладена")


def test_a_savepoint_rolled_back_loses_neither_change_around_it(app):
    tutor, other = make_tutor(**FILLED), make_tutor(**FILLED)
    db.session.get(User, tutor.id).first_name = "Перша"
    db.session.flush()
    savepoint = db.session.begin_nested()
    db.session.get(User, other.id).first_name = "Відкликана"
    db.session.flush()
    savepoint.rollback()
    db.session.get(TutorProfile, tutor.id).headline = "Друга"
    before = row_of_unread(other)
    db.session.commit()
    assert card_of(tutor)["full_name"].startswith("Перша")
    assert card_of(tutor)["headline"] == "Друга"
    assert card_of(other) == before


def row_of_unread(tutor: User) -> dict[str, Any]:
    """A card as it stands, read within the transaction at hand."""
    found = db.session.execute(
        text("select card from public_tutors where tutor_id = :id"), {"id": tutor.id}
    )
    return orjson.loads(found.scalar_one())


def test_several_tutors_in_one_transaction_take_one_rebuild(app):
    tutors = [make_tutor(**FILLED) for _ in range(3)]
    for tutor in tutors:
        db.session.get(User, tutor.id).last_name = "Спільна"
    db.session.commit()
    assert {card_of(tutor)["full_name"] for tutor in tutors} == {"Оксана Спільна"}


@pytest.mark.parametrize("model", [User, TutorProfile, UserSettings])
def test_a_bulk_statement_that_says_nothing_of_public_rows_is_refused(app, model):
    key = User.id if model is User else model.user_id
    for statement in (update(model).where(key == 1).values({key.key: 1}), delete(model)):
        with pytest.raises(RuntimeError, match="public rows"):
            db.session.execute(statement)
    db.session.rollback()


def test_bulk_sql_calls_the_same_rebuild(app):
    tutors = [make_tutor(**FILLED) for _ in range(3)]
    statement = update(User).values(last_name="Гуртова")
    db.session.execute(statement, execution_options={REBUILDS: True})
    changed = rebuild(db.session.connection(), [tutor.id for tutor in tutors])
    db.session.commit()
    assert changed == {tutor.id for tutor in tutors}
    assert {card_of(tutor)["full_name"] for tutor in tutors} == {"Оксана Гуртова"}


def test_a_rebuild_of_nobody_and_of_strangers_changes_nothing(app):
    assert rebuild(db.session.connection(), []) == set()
    assert rebuild(db.session.connection(), [2_000_000_000]) == set()
    db.session.rollback()


def test_the_time_of_registration_is_stored_to_the_microsecond(app):
    tutor = make_tutor()
    stored = row_of(tutor.id)["registered_us"]
    assert stored == db.session.scalar(
        select(text("(extract(epoch from registered_at) * 1000000)::bigint")).select_from(User)
    )
    db.session.rollback()
