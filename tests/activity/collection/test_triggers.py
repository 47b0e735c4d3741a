"""One event: what it may be, at either endpoint, and the answer."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine

from activity.uuid_time import timestamp_range
from tests.activity.events import count
from tests.activity.senders import EVENTS, TRIGGER, nested, sized
from tests.factories import as_user


@pytest.fixture
def client(app, make_app):
    """A visitor of an app without limits, which have tests of their own."""
    return make_app(RATE_LIMITS_ENABLED=False).test_client()


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
def test_a_valid_event_is_stored_by_either_endpoint(me, sent):
    assert me.post(TRIGGER, json=sent).status_code == 201
    assert me.post(EVENTS, json={"events": [sent]}).json == {
        "accepted": 1,
        "duplicates": 0,
        "rejected": [],
    }
    assert count("source = 'client'") == 2


@pytest.mark.parametrize("sent, field", BAD.values(), ids=BAD)
def test_an_invalid_event_is_refused_by_either_endpoint(me, sent, field):
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
        (b'{"action": "a.b", "metadata": {"a": 1e999}}', "application/json", 422),
        (b'{"action": "a.b", "metadata": {"a": NaN}}', "application/json", 400),
        (b'{"action": "\\ud800.b"}', "application/json", 422),
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


def test_the_log_has_timestamps_of_its_own_clock(client, user):
    with time_machine.travel(datetime(2026, 2, 15, 10, 22, 33, 123456, UTC), tick=False):
        answer = as_user(client, user).post(TRIGGER, json={"action": "a.b"})
    assert answer.json["timestamp"] == "2026-02-15T10:22:33.123456Z"
    since, until = timestamp_range(UUID(answer.json["id"]))
    assert since <= datetime(2026, 2, 15, 10, 22, 33, 123456, UTC) < until
