"""A person's events are erased, and nobody else's."""

from datetime import timedelta

from sqlalchemy import text

import activity.retention.erasure
from activity import Action, erase_events, event_queue
from activity.recording.daily_counts import add_visits, visit_of
from common.database.session import db
from tests.activity.events import NOON, count, event, put, visits
from tests.factories import make_user


def test_erasing_leaves_nothing_of_a_person_and_all_of_the_others(user, me, monkeypatch):
    monkeypatch.setattr(activity.retention.erasure, "ERASE_BATCH_SIZE", 3)
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
