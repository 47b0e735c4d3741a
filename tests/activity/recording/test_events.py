"""Events written in the caller's transaction, and a person erased."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

import activity.recording.events
from activity import Action, EventFilter, erase_events, event_queue, iterate_events, record
from activity.catalogue import METADATA_KEYS
from activity.recording.daily_counts import add_visits, visit_of
from common.database.session import db
from tests.activity.events import NOON, count, event, put, visits
from tests.factories import make_user


def test_an_event_stands_with_the_change_it_speaks_of(user):
    record(Action.AUTH_LOGIN, user.id)
    db.session.commit()
    assert count("action = 'auth.login'") == 1


def test_an_event_falls_with_the_change_it_speaks_of(user):
    record(Action.AUTH_LOGIN, user.id)
    db.session.flush()
    db.session.rollback()
    assert count("action = 'auth.login'") == 0


def test_an_event_describes_its_request(app, user):
    with app.test_request_context(
        headers={"User-Agent": "Firefox", "Referer": "https://app.example/me?tab=2"},
        environ_base={"REMOTE_ADDR": "203.0.113.7"},
    ):
        app.preprocess_request()
        recorded = record(
            Action.SETTINGS_UPDATED, user.id, metadata={"before": {}}, status_code=200
        )
    assert (recorded.ip_address, recorded.user_agent) == ("203.0.113.7", "Firefox")
    assert recorded.referrer == "https://app.example/me"
    assert recorded.source == "server" and recorded.status_code == 200 and recorded.duration_ms >= 0


@pytest.mark.parametrize("action", sorted(METADATA_KEYS))
def test_metadata_outside_of_the_catalogue_is_refused(user, action):
    with pytest.raises(ValueError, match="surprise"):
        record(action, user.id, metadata={"surprise": 1})


def test_an_action_outside_of_the_catalogue_is_refused(user):
    with pytest.raises(KeyError):
        record("lesson.opened", user.id)


def test_events_of_one_timestamp_are_listed_in_the_order_they_happened(user):
    with time_machine.travel(NOON, tick=False):
        recorded = [record(Action.AUTH_LOGIN, user.id) for _ in range(5)]
    db.session.commit()
    listed = [each.id for each in iterate_events(user.id, EventFilter((Action.AUTH_LOGIN,)))]
    assert listed == [str(each.id) for each in reversed(recorded)]


def test_erasing_leaves_nothing_of_a_person_and_all_of_the_others(user, me, monkeypatch):
    monkeypatch.setattr(activity.recording.events, "ERASE_BATCH_SIZE", 3)
    other = make_user()
    put(*[event(user.id, NOON + timedelta(days=40 * n)) for n in range(8)], event(other.id))
    put(*[event(user.id, NOON) for _ in range(7)])
    for number in range(4):
        key = {"Idempotency-Key": f"k{number}"}
        me.post("/api/me/activity/trigger/", json={"action": "a.b"}, headers=key)
    visited = [visit_of(Action.PROFILE_VIEWED, {"tutor_id": each.id}) for each in (user, other)]
    add_visits(db.session.connection(), visited)
    db.session.commit()
    before = count("user_id = :id", id=other.id)
    erase_events(user.id)
    db.session.commit()
    assert visits() == {("profile.viewed", str(other.id)): 1}
    assert count("user_id = :id", id=user.id) == 0
    assert count("user_id = :id", id=other.id) == before
    assert db.session.scalar(text("select count(*) from activity_receipts")) == 0


def test_a_deleted_account_takes_its_events_along(user):
    put(event(user.id))
    db.session.execute(text("delete from users where id = :id"), {"id": user.id})
    db.session.commit()
    assert count("user_id = :id", id=user.id) == 0
    assert event_queue().depth() == 0
