"""A client that calls too often is refused, and its user's log says so once a minute."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
import time_machine

from common import clock
from tests.activity.events import count
from tests.factories import as_user, auth_header, make_user

TRIGGER = "/api/me/activity/trigger/"
REFUSED = "action = 'activity.trigger.rate_limited'"


def call_often(me, times=8):
    return [me.post(TRIGGER, json={"action": "a.b"}) for _ in range(times)]


def test_the_sixth_trigger_within_a_second_is_refused(me):
    answers = call_often(me)
    assert [each.status_code for each in answers[:5]] == [201] * 5
    refused = answers[5]
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.json["type"].endswith("#quota-exceeded")
    assert '"second";q=5;w=1' in refused.headers["RateLimit-Policy"]
    assert '"minute";q=30;w=60' in answers[0].headers["RateLimit-Policy"]


def test_a_refusal_is_in_the_log_once_however_often_a_client_calls(me, user):
    call_often(me, 30)
    assert count(f"{REFUSED} and user_id = :id", id=user.id) == 1
    (recorded,) = me.get("/api/me/activity/?action=activity.trigger.rate_limited").json["results"]
    assert recorded["status_code"] == 429 and recorded["source"] == "server"
    assert set(recorded["metadata"]) == {"limit"}


def test_each_user_gets_the_events_of_their_own_refusals(client, me):
    call_often(me)
    other = as_user(client, make_user())
    assert call_often(other)[0].status_code == 201
    assert count(REFUSED) == 2


def test_a_refusal_is_recorded_again_after_a_minute(client, user, app):
    start = clock.now()
    for seconds, recorded in ((0, 1), (59, 1), (60, 2), (100, 2), (121, 3)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            # What this process caches saves queries; the database decides.
            app.extensions.pop("activity_rate_limit_events", None)
            call_often(as_user(client, user), 40)
        assert count(REFUSED) == recorded, seconds


def test_an_invalid_trigger_spends_the_limit_too(me):
    answers = [me.post(TRIGGER, json={"action": "auth.login"}) for _ in range(6)]
    assert [each.status_code for each in answers] == [422] * 5 + [429]


def test_a_repeated_key_spends_the_limit_too(me):
    headers = {"Idempotency-Key": "k"}
    answers = [me.post(TRIGGER, json={"action": "a.b"}, headers=headers) for _ in range(6)]
    assert [each.status_code for each in answers] == [201] * 5 + [429]


def test_without_redis_the_limit_and_its_event_hold_within_a_process(make_app, app, user):
    me = as_user(make_app(REDIS_URL=None).test_client(), user)
    assert [each.status_code for each in call_often(me, 7)] == [201] * 5 + [429] * 2
    assert count(REFUSED) == 1


def test_batches_are_limited_per_user_and_per_address(client, me, make_app, app):
    few = make_app(EVENTS_LIMIT="2/minute").test_client()
    batch = {"events": [{"action": "a.b"}]}
    visits = [few.post("/api/activity/events/", json=batch).status_code for _ in range(3)]
    assert visits == [202, 202, 429]
    mine = as_user(few, make_user())
    assert mine.post("/api/activity/events/", json=batch).status_code == 202


@pytest.mark.usefixtures("redis_url")
def test_workers_share_the_limit_and_record_it_once(app, user, serve):
    server = serve(workers=4)
    headers = auth_header(user)

    def trigger(_):
        return requests.post(
            server.url + TRIGGER, json={"action": "a.b"}, headers=headers, timeout=20
        ).status_code

    with ThreadPoolExecutor(8) as clients:
        statuses = list(clients.map(trigger, range(80)))
    assert set(statuses) == {201, 429}
    assert 5 <= statuses.count(201) <= 30
    assert count("action = 'a.b'") == statuses.count(201)
    assert count(REFUSED) == 1
