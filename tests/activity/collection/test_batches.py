"""Batches of events: each is accepted or rejected by itself, and stored once however often sent."""

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from common.database.session import db
from tests.activity.events import count
from tests.activity.senders import (
    AT_TEN,
    EVENTS,
    TRIGGER,
    at_once,
    keyed,
    nested,
    outcome_counts,
    send,
    sized,
)
from tests.factories import as_user, make_user


@pytest.fixture
def client(app, make_app):
    """A visitor of an app without limits, which have tests of their own."""
    return make_app(RATE_LIMITS_ENABLED=False).test_client()


def test_a_visitor_may_send_a_batch(client):
    assert outcome_counts(client, {"action": "a.b"}, {"action": "c.d"}) == (2, 0, 0)
    assert count("user_id is null and source = 'client' and ip_address = '127.0.0.1'") == 2


def test_a_dead_token_is_refused_even_where_none_is_needed(client):
    headers = {"Authorization": "Bearer x.y.z"}
    assert client.post(EVENTS, json={"events": []}, headers=headers).status_code == 401


def test_a_batch_keeps_its_order_in_the_log(me):
    actions = [f"step.number_{n}" for n in range(30)]
    outcome_counts(me, *[{"action": action} for action in actions])
    listed = me.get("/api/me/activity/?page_size=30").json["results"]
    assert [each["action"] for each in reversed(listed)] == actions


def test_an_invalid_event_is_rejected_by_itself(me):
    good = {"action": "a.b"}
    answer = send(
        me, good, 5, {"action": "X"}, {"action": "c.d", "extra": 1}, {}, [], None, "x", True
    )
    assert answer.json["accepted"] == 1
    rejected = {each["index"]: each["errors"] for each in answer.json["rejected"]}
    assert set(rejected) == {1, 2, 3, 4, 5, 6, 7, 8} and all(rejected.values())
    assert "extra" in rejected[3] and "action" in rejected[4]


def test_the_clients_clock_goes_to_the_metadata_and_the_servers_orders(me):
    outcome_counts(
        me, {"action": "a.b", "timestamp": "2001-01-01T12:00:00+02:00", "metadata": {"x": 1}}
    )
    newest = me.get("/api/me/activity/").json["results"][0]
    assert newest["metadata"] == {"x": 1, "client_timestamp": "2001-01-01T10:00:00.000000Z"}
    assert newest["timestamp"] > "2020"


def test_the_clients_clock_does_not_count_as_metadata_sent(me):
    assert outcome_counts(me, {"action": "a.b", "timestamp": AT_TEN, "metadata": sized(4096)}) == (
        1,
        0,
        0,
    )
    assert outcome_counts(me, {"action": "a.c", "timestamp": AT_TEN, "metadata": nested(5)}) == (
        1,
        0,
        0,
    )


@pytest.mark.parametrize(
    "timestamp", ["now", 1771150953, None, "2026-02-30T00:00:00Z", AT_TEN[:10]]
)
def test_a_timestamp_that_is_none_is_rejected(me, timestamp):
    assert outcome_counts(me, {"action": "a.b", "timestamp": timestamp}) == (0, 0, 1)


@pytest.mark.parametrize("message_id", ["", "x" * 129, 5, None, "a\0"])
def test_a_message_id_that_is_none_is_rejected(me, message_id):
    assert outcome_counts(me, {"action": "a.b", "message_id": message_id}) == (0, 0, 1)


BASE = {"action": "a.b", "timestamp": AT_TEN, "metadata": {"a": 1, "b": [1, 2]}}
DISTINGUISHED = {
    "the same": (BASE, BASE, False),
    "keys in another order": (BASE, BASE | {"metadata": {"b": [1, 2], "a": 1}}, False),
    "the same timestamp in another zone": (
        BASE,
        BASE | {"timestamp": "2026-02-15T12:00+02:00"},
        False,
    ),
    "another entity": (BASE, BASE | {"entity_id": "5"}, False),
    "another action": (BASE, BASE | {"action": "a.c"}, True),
    "another timestamp": (BASE, BASE | {"timestamp": "2026-02-15T10:00:00.000001Z"}, True),
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


@pytest.mark.parametrize("first, second, apart", DISTINGUISHED.values(), ids=DISTINGUISHED)
def test_events_are_distinguished_by_id_or_by_content(me, first, second, apart):
    assert outcome_counts(me, first) == (1, 0, 0)
    assert outcome_counts(me, second) == ((1, 0, 0) if apart else (0, 1, 0))


@pytest.mark.parametrize("first, second, apart", DISTINGUISHED.values(), ids=DISTINGUISHED)
def test_events_are_distinguished_within_a_batch_too(me, first, second, apart):
    assert outcome_counts(me, first, second) == ((2, 0, 0) if apart else (1, 1, 0))


def test_a_batch_sent_again_is_stored_once(client):
    batch = [{"action": "a.b", "message_id": str(n)} for n in range(60)]
    batch += [{"action": "a.b", "timestamp": AT_TEN, "metadata": {"n": n}} for n in range(40)]
    assert outcome_counts(client, *batch) == (100, 0, 0)
    assert outcome_counts(client, *batch) == (0, 100, 0)
    assert outcome_counts(client, *batch[50:], *[{"action": "new.one", "message_id": "y"}]) == (
        1,
        50,
        0,
    )
    assert count() == 101


HALF_EMOJI = {
    "a text": b'{"action": "a.b", "metadata": {"text": "x \\ud83d"}}',
    "a nested text": b'{"action": "a.b", "metadata": {"a": [{"b": "\\ude00"}]}}',
    "a key": b'{"action": "a.b", "metadata": {"\\ud83d": 1}}',
    "an unknown field": b'{"action": "a.b", "\\ud83d": 1}',
    "an action": b'{"action": "a.b\\ud83d"}',
    "an entity": b'{"action": "a.b", "entity_id": "\\ud83d"}',
    "a message id": b'{"action": "a.b", "message_id": "\\ud83d\\ud83d"}',
    "a timestamp": b'{"action": "a.b", "timestamp": "\\ud83d"}',
    "no object": b'"\\ud83d"',
    "a list": b'["\\ud83d"]',
}


@pytest.mark.parametrize("bad", HALF_EMOJI.values(), ids=HALF_EMOJI)
def test_half_an_emoji_spoils_its_event_alone(me, bad):
    good = b'{"action": "a.b", "metadata": {"text": "\\ud83d\\ude00"}}'
    body = b'{"events": [' + b", ".join((good, bad, good)) + b"]}"
    answer = me.post(EVENTS, data=body, content_type="application/json")
    assert answer.status_code == 202, answer.json
    assert answer.json["accepted"] == 2
    (rejected,) = answer.json["rejected"]
    assert rejected["index"] == 1 and rejected["errors"]


@pytest.mark.parametrize("bad", [None, [], {}, 0, "", False, [None], {"action": None}])
def test_a_batch_of_nothing_valid_is_a_202_that_says_so(me, bad):
    assert outcome_counts(me, bad, bad) == (0, 0, 2)


VISITORS = {
    "another action": ({"action": "c.d"}, {}),
    "other metadata": ({"metadata": {"page": 2}}, {}),
    "another entity": ({"entity_id": "9"}, {}),
    "another browser": ({}, {"User-Agent": "Another browser"}),
}


@pytest.mark.parametrize("values, headers", VISITORS.values(), ids=VISITORS)
def test_visitors_behind_one_address_may_use_the_same_message_id(client, values, headers):
    first = {"action": "a.b", "message_id": "1", "metadata": {"page": 1}}
    assert outcome_counts(client, first) == (1, 0, 0)
    body = {"events": [first | values]}
    for expected in ((1, 0), (0, 1)):
        answer = client.post(EVENTS, json=body, headers=headers).json
        assert (answer["accepted"], answer["duplicates"]) == expected
    assert outcome_counts(client, first) == (0, 1, 0)


def test_a_beacon_sends_its_batch_as_plain_text(client):
    body = orjson.dumps({"events": [{"action": "page.left"}]})
    answer = client.post(EVENTS, data=body, content_type="text/plain;charset=UTF-8")
    assert answer.status_code == 202 and answer.json["accepted"] == 1
    assert client.post(EVENTS, data=b"page left", content_type="text/plain").status_code == 400
    assert client.post(EVENTS, data=body, content_type="text/html").status_code == 415


def test_plain_text_is_taken_nowhere_else(me):
    body = orjson.dumps({"action": "a.b"})
    assert me.post(TRIGGER, data=body, content_type="text/plain").status_code == 415


def test_others_may_use_the_same_message_id(client, me):
    other = as_user(client, make_user())
    event = {"action": "a.b", "message_id": "m"}
    assert [outcome_counts(each, event) for each in (me, other, client)] == [(1, 0, 0)] * 3


def test_a_message_id_is_no_idempotency_key(me):
    outcome_counts(me, {"action": "a.b", "message_id": "k1"})
    assert keyed(me, "k1").json["action"] == "a.b"
    assert count("source = 'client'") == 2


def test_equal_batches_sent_at_once_are_stored_once(client, user):
    people = [as_user(client, user) for _ in range(8)]
    batch = [{"action": "a.b", "message_id": str(n)} for n in range(30)]
    shuffled = [batch[n:] + batch[:n] for n in range(8)]
    sums = at_once(8, lambda n: outcome_counts(people[n], *shuffled[n]))
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
