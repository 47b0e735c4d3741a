"""What clients send: the rules of one event, and each stored once however often it is sent."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from activity.moments import moments_of
from common import clock
from common.db import db
from tests.activity.events import count
from tests.factories import as_user, make_user

TRIGGER = "/api/me/activity/trigger/"
EVENTS = "/api/activity/events/"
AT_TEN = "2026-02-15T10:00:00Z"


@pytest.fixture
def client(app, make_app):
    """A visitor of an app without limits, which have tests of their own."""
    return make_app(RATE_LIMITS_ENABLED=False).test_client()


def nested(levels):
    """An object of so many levels, itself the first."""
    value = {}
    for _ in range(levels - 1):
        value = {"in": value}
    return value


def sized(size):
    """An object of so many bytes as compact JSON."""
    return {"a": "x" * (size - len(orjson.dumps({"a": ""})))}


# One event


def test_a_triggered_event_is_answered_as_the_log_holds_it(me):
    sent = {
        "action": "lesson.card.opened",
        "entity_type": "tutor",
        "entity_id": "17",
        "metadata": {"b": [1, 2.5, None, True, "ї"], "a": {}},
    }
    answer = me.post(TRIGGER, json=sent)
    assert answer.status_code == 201
    assert answer.json | sent == answer.json
    assert answer.json["source"] == "client"
    assert me.get("/api/me/activity/").json["results"][0] == answer.json


def test_only_the_action_is_needed(me):
    answer = me.post(TRIGGER, json={"action": "a.b"})
    assert answer.status_code == 201
    assert answer.json["metadata"] == {} and answer.json["entity_type"] is None


GOOD = {
    "two parts": {"action": "a.b"},
    "five parts": {"action": "a.b.c.d.e"},
    "a hundred characters": {"action": "a." + "b" * 98},
    "what the server records without reserving it": {"action": "marketplace.search"},
    "no entity, said outright": {"action": "a.b", "entity_type": None, "entity_id": None},
    "a long entity type": {"action": "a.b", "entity_type": "ї" * 50},
    "a long entity id": {"action": "a.b", "entity_id": "x" * 64},
    "metadata of 4 KiB": {"action": "a.b", "metadata": sized(4096)},
    "metadata of five levels": {"action": "a.b", "metadata": nested(5)},
    "lists count as levels": {"action": "a.b", "metadata": {"a": [[[[1]]]]}},
}
BAD = {
    "no action": ({}, "action"),
    "an action that is null": ({"action": None}, "action"),
    "an action that is a number": ({"action": 5}, "action"),
    "one part": ({"action": "opened"}, "action"),
    "six parts": ({"action": "a.b.c.d.e.f"}, "action"),
    "capitals": ({"action": "Lesson.opened"}, "action"),
    "a hundred and one characters": ({"action": "a." + "b" * 99}, "action"),
    "a line's end": ({"action": "a.b\n"}, "action"),
    "a reserved name": ({"action": "profile.updated"}, "action"),
    "a name below a reserved one": ({"action": "settings.theme.changed"}, "action"),
    "a draft's": ({"action": "profile.autosave.kept"}, "action"),
    "a forged refusal": ({"action": "activity.trigger.rate_limited"}, "action"),
    "an entity type too long": ({"action": "a.b", "entity_type": "x" * 51}, "entity_type"),
    "an entity id too long": ({"action": "a.b", "entity_id": "x" * 65}, "entity_id"),
    "an entity id that is a number": ({"action": "a.b", "entity_id": 5}, "entity_id"),
    "metadata beyond 4 KiB": ({"action": "a.b", "metadata": sized(4097)}, "metadata"),
    "bytes count, not characters": ({"action": "a.b", "metadata": {"a": "ї" * 2045}}, "metadata"),
    "six levels": ({"action": "a.b", "metadata": nested(6)}, "metadata"),
    "six levels, some of them lists": (
        {"action": "a.b", "metadata": {"a": [[[[{}]]]]}},
        "metadata",
    ),
    "metadata that is a list": ({"action": "a.b", "metadata": [1]}, "metadata"),
    "metadata that is null": ({"action": "a.b", "metadata": None}, "metadata"),
    "metadata that is a text": ({"action": "a.b", "metadata": "{}"}, "metadata"),
    "an unknown key": ({"action": "a.b", "source": "server"}, "source"),
    "somebody else's id": ({"action": "a.b", "user_id": 1}, "user_id"),
    "a NUL in an id": ({"action": "a.b", "entity_id": "a\0"}, None),
    "a NUL deep in the metadata": ({"action": "a.b", "metadata": {"a": [{"b\0": 1}]}}, None),
}


@pytest.mark.parametrize("sent", GOOD.values(), ids=GOOD)
def test_a_valid_event_is_stored_through_either_door(me, sent):
    assert me.post(TRIGGER, json=sent).status_code == 201
    assert me.post(EVENTS, json={"events": [sent]}).json == {
        "accepted": 1,
        "duplicates": 0,
        "rejected": [],
    }
    assert count("source = 'client'") == 2


@pytest.mark.parametrize("sent, field", BAD.values(), ids=BAD)
def test_an_invalid_event_is_refused_through_either_door(me, sent, field):
    answer = me.post(TRIGGER, json=sent)
    assert answer.status_code == 422
    (rejected,) = me.post(EVENTS, json={"events": [sent]}).json["rejected"]
    assert rejected["index"] == 0
    for errors in (answer.json["errors"]["json"], rejected["errors"]):
        assert errors and (field is None or field in errors)
    assert count("source = 'client'") == 0


@pytest.mark.parametrize(
    "body, media_type, status",
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"action": "a.b", "metadata": {"a": 1e999}}', "application/json", 400),
        (b'{"action": "a.b", "metadata": {"a": NaN}}', "application/json", 400),
        (b'{"action": "\\ud800.b"}', "application/json", 400),
        (b'{"action": "a.b", "metadata": ' + b'{"a":' * 100 + b"1" + b"}" * 101, None, 400),
        (b'{"action": "a.b"}', "text/plain", 415),
        (b"[]", "application/json", 422),
        (b'"a.b"', "application/json", 422),
        (b"null", "application/json", 422),
    ],
)
def test_a_body_that_is_no_event_is_refused(me, body, media_type, status):
    answer = me.post(TRIGGER, data=body, content_type=media_type or "application/json")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_a_huge_number_is_stored_as_the_database_can_hold_it(me):
    body = b'{"action": "a.b", "metadata": {"a": 123456789012345678901234567890, "b": -0.0}}'
    assert me.post(TRIGGER, data=body, content_type="application/json").status_code == 201
    assert me.get("/api/me/activity/").status_code == 200


# Idempotency keys


def keyed(me, key, action="a.b"):
    return me.post(TRIGGER, json={"action": action}, headers={"Idempotency-Key": key})


def test_the_same_key_answers_the_first_event_again_and_stores_nothing(me):
    first, second = keyed(me, "k1"), keyed(me, "k1", action="c.d")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.data == first.data
    assert count("source = 'client'") == 1


def test_another_key_or_none_stores_another_event(me):
    answers = [keyed(me, "k1"), keyed(me, "k2")]
    answers += [me.post(TRIGGER, json={"action": "a.b"}) for _ in range(2)]
    assert len({answer.json["id"] for answer in answers}) == 4


def test_others_may_use_the_same_key(client, me):
    other = as_user(client, make_user())
    assert keyed(me, "k1").json["id"] != keyed(other, "k1").json["id"]


def test_a_key_is_forgotten_after_a_day(client, user):
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


def at_once(number, call):
    """The answers of so many calls that start together."""
    start = threading.Barrier(number)

    def wait_and_call(n):
        start.wait()
        return call(n)

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(wait_and_call, range(number)))


def test_ten_calls_with_one_key_at_once_store_one_event(client, user):
    people = [as_user(client, user) for _ in range(10)]
    answers = at_once(10, lambda n: keyed(people[n], "k1", action=f"a.b{n}"))
    assert [answer.status_code for answer in answers] == [201] * 10
    assert len({answer.data for answer in answers}) == 1
    assert count("source = 'client'") == 1


# Batches


def send(client, *events):
    return client.post(EVENTS, json={"events": list(events)})


def told(client, *events):
    answer = send(client, *events)
    assert answer.status_code == 202, answer.json
    return answer.json["accepted"], answer.json["duplicates"], len(answer.json["rejected"])


def test_a_visitor_may_send_a_batch(client):
    assert told(client, {"action": "a.b"}, {"action": "c.d"}) == (2, 0, 0)
    assert count("user_id is null and source = 'client' and ip_address = '127.0.0.1'") == 2


def test_a_dead_token_is_refused_even_where_none_is_needed(client):
    headers = {"Authorization": "Bearer x.y.z"}
    assert client.post(EVENTS, json={"events": []}, headers=headers).status_code == 401


def test_a_batch_keeps_its_order_in_the_log(me):
    actions = [f"step.number_{n}" for n in range(30)]
    told(me, *[{"action": action} for action in actions])
    listed = me.get("/api/me/activity/?page_size=30").json["results"]
    assert [each["action"] for each in reversed(listed)] == actions


def test_an_invalid_event_is_rejected_by_itself(me):
    answer = send(me, {"action": "a.b"}, 5, {"action": "X"}, {"action": "c.d", "extra": 1}, {}, [])
    assert answer.json["accepted"] == 1
    rejected = {each["index"]: each["errors"] for each in answer.json["rejected"]}
    assert set(rejected) == {1, 2, 3, 4, 5}
    assert "extra" in rejected[3] and "action" in rejected[4]


def test_the_clients_clock_goes_to_the_metadata_and_the_servers_orders(me):
    told(me, {"action": "a.b", "timestamp": "2001-01-01T12:00:00+02:00", "metadata": {"x": 1}})
    newest = me.get("/api/me/activity/").json["results"][0]
    assert newest["metadata"] == {"x": 1, "client_timestamp": "2001-01-01T10:00:00.000000Z"}
    assert newest["timestamp"] > "2020"


def test_the_clients_clock_does_not_count_as_metadata_sent(me):
    assert told(me, {"action": "a.b", "timestamp": AT_TEN, "metadata": sized(4096)}) == (1, 0, 0)
    assert told(me, {"action": "a.c", "timestamp": AT_TEN, "metadata": nested(5)}) == (1, 0, 0)


@pytest.mark.parametrize(
    "timestamp", ["now", 1771150953, None, "2026-02-30T00:00:00Z", AT_TEN[:10]]
)
def test_a_timestamp_that_is_none_is_rejected(me, timestamp):
    assert told(me, {"action": "a.b", "timestamp": timestamp}) == (0, 0, 1)


@pytest.mark.parametrize("message_id", ["", "x" * 129, 5, None, "a\0"])
def test_a_message_id_that_is_none_is_rejected(me, message_id):
    assert told(me, {"action": "a.b", "message_id": message_id}) == (0, 0, 1)


BASE = {"action": "a.b", "timestamp": AT_TEN, "metadata": {"a": 1, "b": [1, 2]}}
TOLD_APART = {
    "the same": (BASE, BASE, False),
    "keys in another order": (BASE, BASE | {"metadata": {"b": [1, 2], "a": 1}}, False),
    "the same moment in another zone": (
        BASE,
        BASE | {"timestamp": "2026-02-15T12:00+02:00"},
        False,
    ),
    "another entity": (BASE, BASE | {"entity_id": "5"}, False),
    "another action": (BASE, BASE | {"action": "a.c"}, True),
    "another moment": (BASE, BASE | {"timestamp": "2026-02-15T10:00:00.000001Z"}, True),
    "other metadata": (BASE, BASE | {"metadata": {"a": 1, "b": [2, 1]}}, True),
    "neither id nor timestamp": ({"action": "a.b"}, {"action": "a.b"}, True),
    "one id, other content": (
        {"action": "a.b", "message_id": "m"},
        {"action": "c.d", "message_id": "m", "metadata": {"x": 1}},
        False,
    ),
    "other ids, one content": (BASE | {"message_id": "m"}, BASE | {"message_id": "n"}, True),
    "an id once, a timestamp once": (BASE | {"message_id": "m"}, BASE, True),
}


@pytest.mark.parametrize("first, second, apart", TOLD_APART.values(), ids=TOLD_APART)
def test_events_are_told_apart_by_id_or_by_content(me, first, second, apart):
    assert told(me, first) == (1, 0, 0)
    assert told(me, second) == ((1, 0, 0) if apart else (0, 1, 0))


@pytest.mark.parametrize("first, second, apart", TOLD_APART.values(), ids=TOLD_APART)
def test_events_are_told_apart_within_a_batch_too(me, first, second, apart):
    assert told(me, first, second) == ((2, 0, 0) if apart else (1, 1, 0))


def test_a_batch_sent_again_is_stored_once(client):
    batch = [{"action": "a.b", "message_id": str(n)} for n in range(60)]
    batch += [{"action": "a.b", "timestamp": AT_TEN, "metadata": {"n": n}} for n in range(40)]
    assert told(client, *batch) == (100, 0, 0)
    assert told(client, *batch) == (0, 100, 0)
    assert told(client, *batch[50:], *[{"action": "new.one", "message_id": "y"}]) == (1, 50, 0)
    assert count() == 101


def test_others_may_use_the_same_message_id(client, me):
    other = as_user(client, make_user())
    event = {"action": "a.b", "message_id": "m"}
    assert [told(each, event) for each in (me, other, client)] == [(1, 0, 0)] * 3


def test_a_message_id_is_no_idempotency_key(me):
    told(me, {"action": "a.b", "message_id": "k1"})
    assert keyed(me, "k1").json["action"] == "a.b"
    assert count("source = 'client'") == 2


def test_equal_batches_sent_at_once_are_stored_once(client, user):
    people = [as_user(client, user) for _ in range(8)]
    batch = [{"action": "a.b", "message_id": str(n)} for n in range(30)]
    shuffled = [batch[n:] + batch[:n] for n in range(8)]
    sums = at_once(8, lambda n: told(people[n], *shuffled[n]))
    assert sorted(sums) == [(0, 30, 0)] * 7 + [(30, 0, 0)]
    assert count("source = 'client'") == 30


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"events": []},
        {"events": None},
        {"events": {"action": "a.b"}},
        {"events": "a.b"},
        {"events": [{"action": "a.b"}] * 101},
        {"events": [{"action": "a.b"}], "sent_at": AT_TEN},
    ],
)
def test_a_body_that_is_no_list_of_events_is_refused_as_a_whole(me, body):
    assert me.post(EVENTS, json=body).status_code == 422
    assert count("source = 'client'") == 0


def test_a_batch_beyond_64_kib_is_refused_and_one_below_is_not(client):
    event = orjson.dumps({"events": [{"action": "a.b"}]})
    for size, status in ((64 * 1024, 202), (64 * 1024 + 1, 413)):
        body = event[:-1] + b" " * (size - len(event)) + event[-1:]
        answer = client.post(EVENTS, data=body, content_type="application/json")
        assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_an_account_erased_after_its_token_was_checked_gets_a_401(client, user, monkeypatch):
    """The check and the write are two steps; an erasure can come between them."""
    client.application.extensions["account_check"] = lambda user_id: True
    me = as_user(client, user)
    db.session.execute(text("delete from users where id = :id"), {"id": user.id})
    db.session.commit()
    for answer in (me.post(TRIGGER, json={"action": "a.b"}), send(me, {"action": "a.b"})):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["action", "entity_type", "entity_id", "metadata", "timestamp", "message_id"]
) | st.text(max_size=8)


@given(st.lists(st.dictionaries(KEYS, JSON | st.just("a.b"), max_size=6) | JSON, max_size=5))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_sent_each_event_is_accepted_or_rejected(client, events):
    body = (
        orjson.dumps({"events": events}, option=orjson.OPT_NON_STR_KEYS) if _fits(events) else b""
    )
    before = count()
    answer = client.post(EVENTS, data=body, content_type="application/json")
    assert answer.status_code in (202, 400, 422)
    stored = count() - before
    if answer.status_code == 202:
        outcome = answer.json
        assert outcome["accepted"] == stored
        assert stored + outcome["duplicates"] + len(outcome["rejected"]) == len(events)
    else:
        assert stored == 0


def _fits(value):
    """Whether orjson writes it: no number beyond 64 bits, no lone surrogate."""
    try:
        orjson.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def test_the_log_tells_moments_of_its_own_clock(client, user):
    with time_machine.travel(datetime(2026, 2, 15, 10, 22, 33, 123456, UTC), tick=False):
        answer = as_user(client, user).post(TRIGGER, json={"action": "a.b"})
    assert answer.json["timestamp"] == "2026-02-15T10:22:33.123456Z"
    since, until = moments_of(UUID(answer.json["id"]))
    assert since <= datetime(2026, 2, 15, 10, 22, 33, 123456, UTC) < until
