"""Which snapshots are taken and kept: undo reaches everything worth it, and growth is bounded."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity import Action, record
from common import clock
from common.database.session import db
from profiles.editing.publishing.snapshot import DAILY_KEPT_FOR, NEWEST_KEPT, delete_superseded
from tests.factories import make_tutor
from tests.profiles.moved_clock import later
from tests.profiles.profile_owner import Owner

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)
drawn = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="A"))


def save(owner: Owner, headline: str) -> None:
    owner.patch({"tutor_profile": {"headline": headline}})


def headline_of(owner: Owner) -> str:
    headline: str = owner.profile()["tutor_profile"]["headline"]
    return headline


def befores(owner: Owner) -> list[str]:
    """The headlines that snapshots hold, newest first."""
    results = owner.snapshots(page_size=100)["results"]
    return [each["before"]["tutor_profile"]["headline"] for each in results]


def restore_newest(owner: Owner) -> None:
    owner.restore(owner.snapshots()["results"][0]["id"])


def test_saves_within_ten_minutes_share_the_first_ones_snapshot(tutor: Owner) -> None:
    for headline in ("B", "C", "D"):
        save(tutor, headline)
    assert befores(tutor) == ["A"]
    with later():
        save(tutor, "E")
        save(tutor, "F")
    assert befores(tutor) == ["D", "A"]


def test_sharing_ends_ten_minutes_after_the_snapshot_however_often_is_saved(tutor: Owner) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for number in range(24):
            save(tutor, f"{number}")
            traveller.shift(timedelta(minutes=1))
    assert befores(tutor) == ["21", "10", "A"]


def test_each_change_is_recorded_though_its_snapshot_is_shared(tutor: Owner) -> None:
    for headline in ("B", "C"):
        save(tutor, headline)
    assert tutor.actions() == ["profile.snapshot", "profile.updated", "profile.updated"]


def test_publishing_a_draft_shares_a_snapshot_as_a_save_does(tutor: Owner) -> None:
    save(tutor, "B")
    tutor.autosave({"tutor_profile": {"headline": "C"}})
    tutor.publish()
    assert befores(tutor) == ["A"]


def test_a_restore_takes_a_snapshot_of_its_own_and_can_be_undone(tutor: Owner) -> None:
    save(tutor, "B")
    restore_newest(tutor)
    assert headline_of(tutor) == "A"
    restore_newest(tutor)
    assert headline_of(tutor) == "B"
    restore_newest(tutor)
    assert headline_of(tutor) == "A"
    assert befores(tutor) == ["B", "A", "B", "A"]


def test_a_save_after_a_restore_can_be_undone_to_what_was_restored(tutor: Owner) -> None:
    save(tutor, "B")
    restore_newest(tutor)
    save(tutor, "C")
    save(tutor, "D")
    restore_newest(tutor)
    assert headline_of(tutor) == "A"


def test_one_owners_saves_share_nothing_with_anothers(client: FlaskClient, tutor: Owner) -> None:
    other = Owner(client, make_tutor(headline="X"))
    save(tutor, "B")
    save(other, "Y")
    assert (befores(tutor), befores(other)) == (["A"], ["X"])


@drawn
@given(st.lists(st.sampled_from(["save", "save", "pause", "restore"]), max_size=8))
def test_after_any_history_every_snapshot_leads_back_to_a_state_that_was(
    client: FlaskClient, history: list[str]
) -> None:
    tutor = Owner(client, make_tutor(headline="0"))
    states = {"0"}
    with time_machine.travel(clock.now()) as traveller:
        for number, step in enumerate(history, start=1):
            if step == "pause":
                traveller.shift(timedelta(minutes=2.5))
            elif step == "save":
                save(tutor, f"{number}")
            elif tutor.snapshots()["results"]:
                restore_newest(tutor)
            states.add(headline_of(tutor))
        snapshots = tutor.snapshots()["results"]
        for each in snapshots:
            tutor.restore(each["id"])
            assert headline_of(tutor) == each["before"]["tutor_profile"]["headline"]
            assert headline_of(tutor) in states
    assert bool(snapshots) == ("save" in history)


@contextmanager
def snapshots_at(tutor: Owner, times: list[datetime]) -> Iterator[None]:
    """The tutor had a snapshot at each of these times, named by its ISO form."""
    for time in sorted(times):
        with clock.at(time):
            before = {"tutor_profile": {"headline": time.isoformat()}}
            record(Action.PROFILE_SNAPSHOT, tutor.id, metadata={"before": before})
            record(Action.PROFILE_UPDATED, tutor.id, metadata={"changes": {}})
    db.session.commit()
    yield
    with clock.at(NOON):
        delete_superseded(db.session.connection(), tutor.id)
    db.session.commit()


def expected(times: list[datetime]) -> list[str]:
    """The rule, told over again: the newest 50, and the first of a day for a year."""
    newest_first = sorted(times, reverse=True)
    kept = set(newest_first[:NEWEST_KEPT])
    older = newest_first[NEWEST_KEPT:]
    for day in {time.date() for time in older}:
        first = min(time for time in older if time.date() == day)
        if first >= NOON - DAILY_KEPT_FOR:
            kept.add(first)
    return [time.isoformat() for time in sorted(kept, reverse=True)]


def every(step: timedelta, count: int) -> list[datetime]:
    return [NOON - step * number for number in range(count)]


@pytest.mark.parametrize(
    "times",
    [
        [],
        every(timedelta(minutes=10), 50),
        every(timedelta(minutes=10), 51),
        every(timedelta(hours=1), 200),
        every(timedelta(hours=9), 120),
        every(timedelta(days=9), 70),
    ],
    ids=["none", "fifty", "fifty-one", "hourly", "thrice a day", "seldom"],
)
def test_the_newest_fifty_are_kept_and_the_first_of_each_day_for_a_year(
    tutor: Owner, times: list[datetime]
) -> None:
    with snapshots_at(tutor, times):
        pass
    page = tutor.snapshots(page_size=100)
    kept = list(page["results"])
    while page["has_more"]:
        page = tutor.snapshots(page_size=100, cursor=page["next_cursor"])
        kept += page["results"]
    assert [each["before"]["tutor_profile"]["headline"] for each in kept] == expected(times)
    assert len(tutor.events("profile.updated")) == len(times)


def test_deleting_twice_deletes_no_more(tutor: Owner) -> None:
    with snapshots_at(tutor, every(timedelta(hours=5), 90)):
        pass
    once = befores(tutor)
    with clock.at(NOON):
        delete_superseded(db.session.connection(), tutor.id)
    db.session.commit()
    assert befores(tutor) == once


def test_an_owner_who_alternates_for_ever_keeps_few_snapshots(tutor: Owner) -> None:
    """Restores share no snapshot, so they are what could make many."""
    save(tutor, "B")
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(NEWEST_KEPT + 5):
            restore_newest(tutor)
            traveller.shift(timedelta(seconds=2))
    # The first of the day beside the newest.
    assert NEWEST_KEPT <= len(befores(tutor)) <= NEWEST_KEPT + 2


def test_a_snapshot_that_is_not_kept_cannot_be_restored(tutor: Owner) -> None:
    first, second = NOON - timedelta(minutes=600), NOON - timedelta(minutes=599)
    later_ones: list[Any] = every(timedelta(minutes=10), NEWEST_KEPT)
    with snapshots_at(tutor, [first, second, *later_ones]):
        results = tutor.snapshots(page_size=100)["results"]
        ids = {each["before"]["tutor_profile"]["headline"]: each["id"] for each in results}
    tutor.restore(ids[second.isoformat()], 404)
    tutor.restore(ids[first.isoformat()])
