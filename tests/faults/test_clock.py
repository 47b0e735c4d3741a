"""The machine's clock set forward and back: in process, where a clock can be set for a test."""

from datetime import timedelta

import pytest
import time_machine

from activity.uuid_time import event_id, next_timestamp
from common import clock
from tests.factories import PASSWORD, as_user, make_tutor

NOON = "2026-03-01T12:00:00Z"
TRIGGER = "/api/me/activity/trigger/"
STEPS = [timedelta(seconds=-2), timedelta(minutes=-10), timedelta(hours=-5), timedelta(days=-40)]


def trigger(client):
    return client.post(TRIGGER, json={"action": "fault.probe"}).status_code


@pytest.fixture
def moved():
    with time_machine.travel(NOON, tick=False) as travelling:
        yield travelling


def test_a_token_is_good_on_a_machine_whose_clock_is_a_little_behind(app, client, moved):
    me = as_user(client, make_tutor())
    moved.shift(timedelta(seconds=-5))
    assert me.get("/api/users/me/").status_code == 200


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.total_seconds()} s")
@pytest.mark.parametrize("with_redis", [True, False], ids=["redis", "memory"])
def test_a_clock_set_back_shuts_nobody_out_and_lifts_no_limit(make_app, moved, step, with_redis):
    app = make_app(**({} if with_redis else {"REDIS_URL": None}))
    with app.app_context():
        me = as_user(app.test_client(), make_tutor())
    assert [trigger(me) for _ in range(7)] == [201] * 5 + [429] * 2
    moved.shift(step)
    # The second of a small step has passed as well once the clock is where it was.
    if step > timedelta(seconds=-10):
        moved.shift(-step + timedelta(seconds=1.1))
    assert [trigger(me) for _ in range(7)] == [201] * 5 + [429] * 2


def test_a_clock_set_forward_ends_access_and_the_session_renews_it(app, client, moved):
    user = make_tutor(email="ahead@example.org")
    body = {"email": user.email, "password": PASSWORD}
    access = client.post("/api/auth/login/", json=body).json["access"]
    moved.shift(timedelta(hours=5))
    stale = client.get("/api/users/me/", headers={"Authorization": f"Bearer {access}"})
    assert stale.status_code == 401
    renewed = client.post("/api/auth/refresh/").json["access"]
    fresh = client.get("/api/users/me/", headers={"Authorization": f"Bearer {renewed}"})
    assert fresh.status_code == 200


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.total_seconds()} s")
def test_a_clock_set_back_costs_a_renewal_and_no_session(app, client, moved, step):
    user = make_tutor(email="behind@example.org")
    body = {"email": user.email, "password": PASSWORD}
    assert client.post("/api/auth/login/", json=body).status_code == 200
    moved.shift(step)
    for _ in range(3):
        renewed = client.post("/api/auth/refresh/")
        assert renewed.status_code == 200
        header = {"Authorization": f"Bearer {renewed.json['access']}"}
        assert client.get("/api/users/me/", headers=header).status_code == 200


def test_ids_rise_while_the_clock_falters_and_follow_one_that_is_set(moved):
    before = next_timestamp()
    moved.shift(timedelta(milliseconds=-900))
    faltering = [next_timestamp() for _ in range(5)]
    assert [before, *faltering] == sorted({before, *faltering})
    ids = [event_id(moment) for moment in (before, *faltering)]
    assert ids == sorted(ids)
    moved.shift(timedelta(hours=-1))
    assert abs(next_timestamp() - clock.now()) < timedelta(seconds=1)


def test_events_of_a_clock_set_back_are_stored_and_paged_once_each(app, client, moved):
    user = make_tutor()
    for step in (timedelta(0), timedelta(hours=-3), timedelta(hours=6), timedelta(days=-70)):
        moved.shift(step)
        me = as_user(client, user)
        assert trigger(me) == 201
    seen, path = [], "/api/me/activity/?page_size=1&action=fault.probe"
    while path:
        page = me.get(path).json
        seen += [event["id"] for event in page["results"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == 4
