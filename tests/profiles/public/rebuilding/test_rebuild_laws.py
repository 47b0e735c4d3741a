"""What holds after any history: public rows equal those rebuilt from nothing, whoever writes at once."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from common.database.session import db
from profiles.accounts.models import User
from profiles.models import TutorProfile
from tests.factories import make_tutor
from tests.profiles.profile_values import UNSET, any_profile_values, sources_of
from tests.profiles.public.public_rows import (
    MODELS,
    change,
    everything_public,
    rebuild_from_nothing,
    shown_terms,
    stored_terms,
)

COLUMNS = (
    "first_name headline bio avatar_name subjects certifications languages hourly_rate"
    " experience_years rating reviews_count is_active public_profile_enabled show_bio_publicly"
    " show_avatar_publicly show_subjects_publicly show_certifications_publicly show_email_publicly"
).split()

edits = st.builds(
    lambda profile_values, column, flag: (
        column,
        flag if column in {"is_active", "public_profile_enabled"} else profile_values[column],
    ),
    any_profile_values,
    st.sampled_from(COLUMNS),
    st.booleans(),
)
ends = st.sampled_from(["flush", "commit", "commit", "rollback", "savepoint", "undone savepoint"])
histories = st.lists(
    st.tuples(st.integers(0, 2), st.lists(edits, min_size=1, max_size=3), ends), max_size=12
)
against_the_database = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def apply(tutor_id: int, changes: list[tuple[str, Any]]) -> None:
    for name, value in changes:
        model = next(model for model in MODELS if name in model.__mapper__.column_attrs)
        setattr(db.session.get_one(model, tutor_id), name, value)


def live_through(tutor_id: int, changes: list[tuple[str, Any]], end: str) -> None:
    """One step of a history."""
    if "savepoint" in end:
        savepoint = db.session.begin_nested()
        apply(tutor_id, changes)
        db.session.flush()
        savepoint.rollback() if end == "undone savepoint" else savepoint.commit()
        return
    apply(tutor_id, changes)
    {"flush": db.session.flush, "commit": db.session.commit, "rollback": db.session.rollback}[end]()


@against_the_database
@given(histories)
def test_after_any_history_the_rows_equal_those_rebuilt_from_nothing(app, history):
    tutors = [make_tutor().id for _ in range(3)]
    for number, changes, end in history:
        live_through(tutors[number], changes, end)
    db.session.commit()
    lived = everything_public()
    assert stored_terms() == shown_terms()
    rebuild_from_nothing()
    assert everything_public() == lived


@against_the_database
@given(any_profile_values, any_profile_values)
def test_two_accounts_that_differ_only_in_hidden_values_have_equal_rows(app, profile_values, other):
    """The same account in two worlds: stored whole, read back whole."""
    tutor = make_tutor()
    values = {
        name: profile_values[name] for name in COLUMNS if name not in {"is_active", "first_name"}
    }
    change(tutor, **values)
    one_world = everything_public()
    hidden = {
        source: other[source]
        for field, flag in {
            "bio": "show_bio_publicly",
            "subjects": "show_subjects_publicly",
        }.items()
        if not profile_values[flag]
        for source in sources_of(field)
    }
    change(tutor, **hidden)
    assert everything_public() == one_world
    change(tutor, **{source: UNSET[source] for source in hidden})
    assert everything_public() == one_world


def in_threads(app: Flask, *tasks: Callable[[], None]) -> list[BaseException]:
    """Run tasks at once, each with a session of its own; returns what they raised."""
    raised: list[BaseException] = []

    def run(task: Callable[[], None]) -> None:
        with app.app_context():
            try:
                task()
            except BaseException as error:  # handed to the test, which asserts there is none
                raised.append(error)

    threads = [threading.Thread(target=run, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def wait_until_somebody_waits_for_a_lock() -> None:
    """Poll the server: a connection of this database stands before a lock."""
    waiting = text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    pause = threading.Event()
    for _ in range(2000):
        with db.engine.connect() as connection:
            if connection.scalar(waiting):
                return
        pause.wait(0.005)
    raise AssertionError("nobody waited")


def test_two_writers_of_one_tutor_who_lock_nothing_themselves_lose_neither_change(app):
    tutor = make_tutor(bio="Таємниця.")

    def hide_the_bio() -> None:
        apply(tutor.id, [("show_bio_publicly", False)])
        db.session.flush()
        flushed.set()
        wait_until_somebody_waits_for_a_lock()
        db.session.commit()

    def edit_the_headline() -> None:
        flushed.wait()
        apply(tutor.id, [("headline", "Нове")])
        db.session.commit()

    flushed = threading.Event()
    assert in_threads(app, hide_the_bio, edit_the_headline) == []
    ((card,),) = db.session.execute(text("select card from public_tutors")).all()
    assert "Нове" in card
    assert "Таємниця" not in card


def test_writers_of_many_tutors_and_new_subjects_at_once_never_wait_in_a_circle(app):
    tutors = [make_tutor().id for _ in range(6)]

    def write(worker: int) -> None:
        for turn in range(12):
            # Each names tutors and subjects in an order of its own.
            mine = tutors[worker:] + tutors[:worker]
            profiles = [db.session.get_one(TutorProfile, tutor_id) for tutor_id in mine[:4]]
            for number, profile in enumerate(profiles):
                profile.subjects = [f"предмет {turn} {(worker * number) % 5}", f"інший {turn}"]
                profile.hourly_rate = worker * 100 + turn
            db.session.commit()

    assert in_threads(app, *(lambda worker=worker: write(worker) for worker in range(4))) == []
    lived = everything_public()
    rebuild_from_nothing()
    assert everything_public() == lived


def test_a_rebuild_of_everything_among_writers_leaves_what_they_wrote(app):
    tutors = [make_tutor().id for _ in range(5)]

    def write() -> None:
        for turn in range(20):
            apply(tutors[turn % 5], [("headline", f"Версія {turn}")])
            db.session.commit()

    def rebuild() -> None:
        for _ in range(4):
            rebuild_from_nothing()

    assert in_threads(app, write, rebuild) == []
    lived = everything_public()
    assert "Версія 19" in str(lived)
    rebuild_from_nothing()
    assert everything_public() == lived


def test_an_erasure_among_edits_leaves_no_row_behind(app):
    tutor = make_tutor(subjects=["math"])

    def edit() -> None:
        # The account may be gone before the edit comes to it.
        with suppress(Exception):
            apply(tutor.id, [("headline", "Останнє")])
            db.session.commit()

    def erase() -> None:
        db.session.delete(db.session.get_one(User, tutor.id))
        db.session.commit()

    assert in_threads(app, edit, erase, edit) == []
    assert everything_public() == ([], [])
