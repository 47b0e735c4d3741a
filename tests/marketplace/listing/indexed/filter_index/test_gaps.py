"""A history that does not lead from what a process knows to what is: it reads everything anew."""

import pytest
from flask import Flask
from sqlalchemy import text

from common.database.session import db
from marketplace.listing.indexed.filter_index import FilterIndex, changes
from profiles.public import revision
from profiles.public.models import RANDOM_REVISION, REVISION_SLOTS, STORED_CHANGES
from tests.factories import make_tutor
from tests.marketplace.generated_tutors import announce
from tests.marketplace.listing.indexed.filter_index.states import held_now, new_index
from tests.marketplace.statement_log import StatementLog
from tests.profiles.public.public_rows import change


def statements_of_a_look(index: FilterIndex) -> list[str]:
    log = StatementLog()
    held = held_now(index)
    texts = log.stop()
    assert held == held_now(new_index())
    return texts


def reads_everything(index: FilterIndex) -> bool:
    return any(text.startswith("begin isolation level") for text in statements_of_a_look(index))


def test_a_known_history_is_read_by_one_statement_and_none_without_a_change(app: Flask) -> None:
    tutor, index = make_tutor(hourly_rate=100), new_index()
    held_now(index)
    assert len(statements_of_a_look(index)) == 1, "the revision"
    change(tutor, hourly_rate=200)
    change(tutor, hourly_rate=300)
    make_tutor(hourly_rate=200)
    assert len(statements_of_a_look(index)) == 2
    assert sorted(held_now(index)["hourly_rate"]) == [200, 300]


@pytest.mark.parametrize(
    "loss",
    [
        # As the release before this one writes.
        f"update public_revision set n = {RANDOM_REVISION} where slot = %(slot)s",
        "delete from public_changes",
        "update public_changes set n = n + 1",
        "update public_changes set previous = previous + 1",
        "update public_changes set tutor_ids = null",
        # A copy that others went on writing to: as many changes, and others.
        "update public_changes set n = n + 1; update public_revision set n = n + 1",
    ],
)
def test_a_history_with_a_gap_is_not_followed(app: Flask, loss: str) -> None:
    tutor, index = make_tutor(hourly_rate=100), new_index()
    held_now(index)
    change(tutor, hourly_rate=200)
    db.session.connection().exec_driver_sql(loss, {"slot": tutor.id % REVISION_SLOTS})
    db.session.commit()
    assert reads_everything(index)
    change(tutor, hourly_rate=300)
    assert not reads_everything(index)


def test_a_state_from_before_a_restored_backup_is_dropped(app: Flask) -> None:
    tutor, index = make_tutor(hourly_rate=100), new_index()
    stood = db.session.execute(text("select slot, n, version from public_revision")).all()
    change(tutor, hourly_rate=200)
    assert list(held_now(index)["hourly_rate"]) == [200]
    # Rows, revision and changes as they stood before; then as many changes again.
    for slot, n, version in stood:
        db.session.execute(
            text("update public_revision set n = :n, version = :version where slot = :slot"),
            {"slot": slot, "n": n, "version": version},
        )
    db.session.execute(text("""
        delete from public_changes change using public_revision revision
        where change.slot = revision.slot and change.version > revision.version"""))
    db.session.execute(text("update public_tutors set hourly_rate = 100"))
    other = make_tutor(hourly_rate=100)
    announce([tutor.id, other.id])
    assert list(held_now(index)["hourly_rate"]) == [100]
    assert held_now(index) == held_now(new_index())


def test_only_the_latest_changes_of_each_slot_are_stored(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    tutor, index = make_tutor(), new_index()
    held_now(index)
    monkeypatch.setattr(
        revision,
        "RENEW_ONE_SLOT",
        text(revision.RENEW_ONE_SLOT.text.replace(str(STORED_CHANGES), "3")),
    )
    for number in range(5):
        change(tutor, hourly_rate=number)
    stored = db.session.scalars(
        text("select version from public_changes where slot = :slot order by version"),
        {"slot": tutor.id % REVISION_SLOTS},
    ).all()
    db.session.rollback()
    assert list(stored) == list(range(stored[-1] - 2, stored[-1] + 1))
    assert reads_everything(index)


def test_more_changes_than_are_worth_it_are_not_followed(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_CHANGES", 2)
    tutor, index = make_tutor(), new_index()
    held_now(index)
    change(tutor, hourly_rate=1)
    change(tutor, hourly_rate=2)
    assert not reads_everything(index)
    for number in range(3):
        change(tutor, hourly_rate=number)
    assert reads_everything(index)


def test_a_change_of_very_many_names_none_of_them(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revision, "MOST_CHANGED", 1)
    one, other, index = make_tutor(), make_tutor(), new_index()
    held_now(index)
    announce([one.id])
    assert not reads_everything(index)
    announce([one.id, other.id])
    assert reads_everything(index)
