"""After any history, caught up with in any steps, an index holds what a fresh one reads."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from common.database.session import db
from marketplace.listing.query import Filters
from profiles.accounts.models import User
from profiles.public.models import read_revision
from tests.factories import make_tutor
from tests.marketplace.listing.indexed.filter_index.states import (
    any_filters,
    held_now,
    ids_by_sql,
    matching_ids,
    new_index,
)
from tests.marketplace.listing.indexed.histories import Step, histories, lookers
from tests.profiles.public.public_rows import change
from tests.profiles.public.rebuilding.test_rebuild_laws import against_the_database

FILTERED: dict[str, st.SearchStrategy[Any]] = {
    "languages": st.lists(st.sampled_from(["uk", "en", "pl"]), unique=True),
    "hourly_rate": st.sampled_from([None, 0, 200, 300, 450]),
    "experience_years": st.sampled_from([None, 0, 3, 12]),
    "certifications": st.sampled_from([[], ["C2"]]),
    "show_certifications_publicly": st.booleans(),
}


@against_the_database
@given(histories(FILTERED, max_size=12), any_filters)
def test_two_processes_hold_after_any_history_what_a_third_reads_anew(
    app: Flask, history: list[Step], filters: Filters
) -> None:
    processes = [new_index(), new_index()]
    tutors = [make_tutor().id for _ in range(3)]
    for looker in lookers(tutors, history):
        assert held_now(processes[looker]) == held_now(new_index())
    db.session.commit()
    expected = held_now(new_index())
    assert [held_now(process) for process in processes] == [expected, expected]
    found = processes[0].read(lambda bitmaps: matching_ids(bitmaps, filters), read_revision())
    assert found == ids_by_sql(filters)


@pytest.mark.parametrize(
    "erase",
    [
        lambda tutor: change(tutor, public_profile_enabled=False),
        lambda tutor: change(tutor, is_active=False),
        lambda tutor: (db.session.delete(db.session.get_one(User, tutor.id)), db.session.commit()),
    ],
)
def test_who_leaves_is_in_no_bitmap_of_any_process(
    app: Flask, erase: Callable[[User], Any]
) -> None:
    tutor = make_tutor(subjects=["Математика"], languages=["uk"], hourly_rate=200)
    processes = [new_index(), new_index()]
    for process in processes:
        assert held_now(process)["subject"] == {"math": [tutor.id]}
    erase(tutor)
    for process in processes:
        assert not any(held_now(process).values())


def test_a_hidden_subject_is_in_no_bitmap(app: Flask) -> None:
    make_tutor(subjects=["Математика"], certifications=["C2"], show_subjects_publicly=False)
    index = new_index()
    assert held_now(index)["subject"] == {}
    other = make_tutor(certifications=["C2"])
    change(other, show_certifications_publicly=False)
    assert held_now(index)["has_certifications"][False] == [other.id]


def test_a_change_that_nobody_sees_is_none(app: Flask) -> None:
    tutor = make_tutor(subjects=["Математика"], show_subjects_publicly=False)
    before = read_revision()
    change(tutor, subjects=["English"])
    assert read_revision() == before
