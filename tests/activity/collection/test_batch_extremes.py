"""An event that nothing can hold is rejected by itself; the others of its batch are stored."""

import pytest

from tests.activity.events import count
from tests.activity.senders import EVENTS, TRIGGER

GOOD = b'{"action": "a.b", "metadata": {"n": 123456789012345678901234567890}}'


def nested(levels):
    return b"[" * levels + b"]" * levels


def objects(levels):
    return b'{"a":' * levels + b"1" + b"}" * levels


BAD = {
    **{f"{n} deep": b'{"action": "a.b", "metadata": {"a": %s}}' % nested(n) for n in (30, 62, 64)},
    **{
        f"objects {n} deep": b'{"action": "a.b", "metadata": %s}' % objects(n)
        for n in (900, 1020, 1024, 1500, 2000, 5000)
    },
    "an unknown field that is deep": b'{"action": "a.b", "x": %s}' % nested(3000),
    "half an emoji's name that is deep": b'{"action": "a.b", "\\ud83d": %s}' % nested(3000),
    "a deep list": nested(20_000),
    "a number beyond a double": b'{"action": "a.b", "metadata": {"n": 1e400}}',
    "a number below a double": b'{"action": "a.b", "metadata": {"n": [-1e400]}}',
    "five thousand digits": b'{"action": "a.b", "metadata": {"n": %s}}' % (b"9" * 5000),
    "a number for a text": b'{"action": 1e400}',
    "a number for an event": b"1e400",
    "half an emoji": b'{"action": "a.b", "metadata": {"n": "\\ud83d"}}',
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_it_is_rejected_and_the_others_are_stored(me, bad):
    body = b'{"events": [%s, %s, %s]}' % (GOOD, bad, GOOD)
    answer = me.post(EVENTS, data=body, content_type="application/json")
    assert answer.status_code == 202, answer.json
    assert answer.json["accepted"] == 2
    (rejected,) = answer.json["rejected"]
    assert rejected["index"] == 1 and rejected["errors"]
    assert count("source = 'client'") == 2


def test_the_field_at_fault_is_named(me):
    for name in ("62 deep", "2000 deep", "a number beyond a double"):
        bad = BAD.get(name) or BAD[f"objects {name}"]
        answer = me.post(EVENTS, data=b'{"events": [%s]}' % bad, content_type="application/json")
        assert set(answer.json["rejected"][0]["errors"]) == {"metadata"}


@pytest.mark.parametrize("deep", [b'{"events": [], "x": %s}', b'{"events": {"a": %s}}', b"[%s]"])
def test_a_deep_body_outside_its_events_is_refused_for_its_depth(me, deep):
    for levels in (70, 3000):
        answer = me.post(EVENTS, data=deep % nested(levels), content_type="application/json")
        assert answer.status_code == 400
        assert answer.json["detail"] == "The request body is nested more than 64 levels deep."


def test_a_number_beyond_a_double_is_a_422_under_its_field(me):
    for method, path, body, names in (
        ("POST", TRIGGER, b'{"action": "a.b", "metadata": {"n": 1e400}}', ("metadata", "n")),
        (
            "PATCH",
            "/api/me/profile/",
            b'{"tutor_profile": {"hourly_rate": 1e400}}',
            ("tutor_profile", "hourly_rate"),
        ),
    ):
        answer = me.open(path, method=method, data=body, content_type="application/json")
        assert answer.status_code == 422
        assert answer.json["detail"].startswith(".".join(names))
