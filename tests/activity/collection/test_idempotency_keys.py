"""An event triggered again under its key is stored once and answered as before."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from common import clock
from common.database.session import db
from tests.activity.events import count
from tests.activity.senders import TRIGGER, at_once, keyed
from tests.factories import as_user, make_user


@pytest.fixture
def client(app, make_app):
    """A visitor of an app without limits, which have tests of their own."""
    return make_app(RATE_LIMITS_ENABLED=False).test_client()


def test_the_same_key_answers_the_first_event_again_says_so_and_stores_nothing(me):
    first, second = keyed(me, "k1"), keyed(me, "k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.data == first.data
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert count("source = 'client'") == 1


BODY = {"action": "a.b", "entity_type": "tutor", "entity_id": "7", "metadata": {"a": 1, "b": [1]}}
OTHER_BODIES = {
    "another action": BODY | {"action": "c.d"},
    "another entity": BODY | {"entity_id": "8"},
    "other metadata": BODY | {"metadata": {"a": 1, "b": [2]}},
    "no metadata": {name: value for name, value in BODY.items() if name != "metadata"},
}
SAME_BODIES = {
    "keys in another order": dict(reversed(BODY.items())),
    "metadata in another order": BODY | {"metadata": {"b": [1], "a": 1}},
}


def post(me, body):
    return me.post(TRIGGER, json=body, headers={"Idempotency-Key": "k1"})


@pytest.mark.parametrize("body", OTHER_BODIES.values(), ids=OTHER_BODIES)
def test_the_same_key_with_another_body_is_a_422_and_stores_nothing(me, body):
    first = post(me, BODY)
    answer = post(me, body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["headers"]
    assert "Idempotency-Key" in answer.json["detail"]
    assert count("source = 'client'") == 1
    assert post(me, BODY).json == first.json


@pytest.mark.parametrize("body", SAME_BODIES.values(), ids=SAME_BODIES)
def test_the_same_body_written_otherwise_is_a_replay(me, body):
    assert post(me, body).json == post(me, BODY).json


def test_a_key_of_an_older_release_is_replayed_whatever_the_body(me):
    first = post(me, BODY)
    db.session.execute(text("update activity_receipts set body_digest = null"))
    db.session.commit()
    assert post(me, BODY | {"action": "c.d"}).json == first.json


def test_another_key_or_none_stores_another_event(me):
    answers = [keyed(me, "k1"), keyed(me, "k2")]
    answers += [me.post(TRIGGER, json={"action": "a.b"}) for _ in range(2)]
    assert len({answer.json["id"] for answer in answers}) == 4


def test_others_may_use_the_same_key(client, me):
    other = as_user(client, make_user())
    assert keyed(me, "k1").json["id"] != keyed(other, "k1").json["id"]


def test_a_key_expires_after_a_day(client, user):
    start = clock.now()

    def keyed_after(**time):
        with time_machine.travel(start + timedelta(**time), tick=False):
            return keyed(as_user(client, user), "k1").json["id"]

    first = keyed_after()
    assert keyed_after(hours=23, minutes=59) == first
    second = keyed_after(hours=24)
    assert second != first
    assert keyed_after(hours=47) == second


def test_a_key_whose_event_was_purged_stores_a_new_one(me):
    first = keyed(me, "k1").json["id"]
    db.session.execute(text("delete from activity_events"))
    db.session.commit()
    second = keyed(me, "k1").json["id"]
    assert second != first
    assert keyed(me, "k1").json["id"] == second


def test_a_refused_event_leaves_its_key_free(me):
    assert keyed(me, "k1", action="auth.login").status_code == 422
    assert keyed(me, "k1").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 129, "ключ".encode().decode("latin-1"), "a\tb"])
def test_a_malformed_key_is_refused(me, key):
    answer = keyed(me, key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json["detail"]
    assert count("source = 'client'") == 0


@pytest.mark.parametrize("key", ["x", "x" * 128, "a key, with ~ and spaces", '"quoted"'])
def test_any_printable_key_will_do(me, key):
    assert keyed(me, key).status_code == 201


def test_ten_calls_with_one_key_at_once_store_one_event(client, user):
    people = [as_user(client, user) for _ in range(10)]
    answers = at_once(10, lambda n: keyed(people[n], "k1"))
    assert [answer.status_code for answer in answers] == [201] * 10
    assert len({answer.data for answer in answers}) == 1
    assert count("source = 'client'") == 1
