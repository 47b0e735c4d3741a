"""After any history, caught up with in any steps, an index holds what SQL says, or nothing."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.database.session import db
from marketplace.listing.indexed.word_index import index as index_module
from marketplace.listing.indexed.word_index import usage
from profiles.public.models import RANDOM_REVISION, REVISION_SLOTS
from tests.factories import make_tutor
from tests.marketplace.listing.indexed.histories import Step, histories, lookers
from tests.marketplace.listing.indexed.word_index.states import (
    held_by_sql,
    held_now,
    load,
    new_index,
)
from tests.profiles.public.public_rows import change

WORDS = ("Уроки математики", "Calm English lessons", "Репетитор online", "online-lessons")
word_histories = histories(
    {
        "headline": st.sampled_from(("", *WORDS)),
        "bio": st.sampled_from(("", *WORDS)),
        "show_bio_publicly": st.booleans(),
    },
    max_size=6,
)


@pytest.fixture(autouse=True)
def first_use_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does the thread rest."""
    monkeypatch.setattr(usage, "FEWEST_USES", 1)
    monkeypatch.setattr(index_module, "PAUSE_FACTOR", 0)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(word_histories)
def test_two_processes_hold_after_any_history_what_the_rows_say(
    app: Flask, history: list[Step]
) -> None:
    processes = [new_index(), new_index()]
    tutors = [make_tutor(headline=words).id for words in WORDS[:3]]
    for process in processes:
        load(process)
    for looker in lookers(tutors, history):
        assert held_now(processes[looker]) in (None, held_by_sql())
    db.session.commit()
    for process in processes:
        if held_now(process) is None:
            # There was much to catch up with.
            process.wait_until_loaded()
        assert held_now(process) == held_by_sql()


@pytest.mark.parametrize(
    "hide",
    [
        {"public_profile_enabled": False},
        {"is_active": False},
        {"headline": ""},
        {"show_bio_publicly": False},
    ],
)
def test_what_is_hidden_is_in_no_bitmap_from_the_commit_on(
    app: Flask, hide: dict[str, Any]
) -> None:
    place = "bio" if "show_bio_publicly" in hide else "headline"
    tutor, other = make_tutor(**{place: "Уроки математики"}), make_tutor(bio="Уроки фізики")
    index = new_index()
    load(index)
    held = held_now(index)
    assert held is not None and any(tutor.id in ids for ids in held.values())
    change(tutor, **hide)
    held = held_now(index)
    assert held is not None and not any(tutor.id in ids for ids in held.values())
    assert any(other.id in ids for ids in held.values())


@pytest.mark.parametrize(
    "loss",
    [
        f"update public_revision set n = {RANDOM_REVISION} where slot = %(slot)s",
        "delete from public_changes",
        "update public_changes set n = n + 1",
        "update public_changes set previous = previous + 1",
        "update public_changes set tutor_ids = null",
        "update public_changes set n = n + 1; update public_revision set n = n + 1",
    ],
)
def test_a_history_with_a_gap_is_not_followed_and_all_is_loaded_anew(app: Flask, loss: str) -> None:
    tutor, index = make_tutor(headline="Уроки"), new_index()
    load(index)
    change(tutor, headline="English lessons")
    db.session.connection().exec_driver_sql(loss, {"slot": tutor.id % REVISION_SLOTS})
    db.session.commit()
    assert held_now(index) is None
    index.wait_until_loaded()
    assert held_now(index) == held_by_sql()


def test_a_request_catches_up_with_few_changes_and_leaves_many_to_the_thread(app: Flask) -> None:
    tutor, index = make_tutor(headline="Уроки"), new_index()
    load(index)
    for number in range(index_module.MOST_CHANGES_AT_ONCE):
        change(tutor, headline=f"Уроки {number}", bio=f"English {number}")
    assert held_now(index) == held_by_sql()
    # More than one step of the thread, too.
    for number in range(2 * index_module.MOST_CHANGES_OF_A_STEP + 1):
        change(tutor, headline=f"Математика {number}", bio=f"lessons {number}")
    assert held_now(index) is None
    index.wait_until_loaded()
    assert held_now(index) == held_by_sql()
