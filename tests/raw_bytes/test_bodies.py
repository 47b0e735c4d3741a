"""Bodies nobody should send, through every operation: refused, and nothing changes."""

import gzip

import pytest

from activity import event_queue
from tests.factories import as_user, make_tutor
from tests.raw_bytes.endpoints import contents, operations

DEEP = 100_000
JSON_BODIES = {
    "nothing": b"",
    "white space": b" \n\t",
    "a lone brace": b"{",
    "cut in a key": b'{"em',
    "cut in a value": b'{"email": "a@b.c", "password": "',
    "half a word": b"nul",
    "not a number": b'{"tutor_profile": {"hourly_rate": NaN}}',
    "infinity": b'{"tutor_profile": {"hourly_rate": -Infinity}}',
    "beyond a double": b'{"tutor_profile": {"hourly_rate": 1e400}}',
    "beyond what a double holds exactly": b'{"tutor_profile": {"hourly_rate": 9007199254740993}}',
    "beyond an int8": b'{"tutor_profile": {"hourly_rate": 99999999999999999999}}',
    "five thousand digits": b'{"tutor_profile": {"hourly_rate": 1' + b"0" * 5000 + b"}}",
    "a float for an integer": b'{"tutor_profile": {"hourly_rate": 4.5}}',
    "a text for an integer": b'{"tutor_profile": {"hourly_rate": "420"}}',
    "a flag for an integer": b'{"tutor_profile": {"hourly_rate": true}}',
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep lists, not closed": b"[" * DEEP,
    "deep objects": b'{"user":' * DEEP + b"1" + b"}" * DEEP,
    "deep metadata": b'{"action": "a.b", "metadata": ' + b'{"a":' * 80 + b"1" + b"}" * 81,
    "a list": b"[]",
    "null": b"null",
    "true": b"true",
    "a number": b"0",
    "a text": b'"{}"',
    "two documents": b"{}{}",
    "a NUL behind": b"{}\x00",
    "a byte order mark": b'\xef\xbb\xbf{"user": 1}',
    "UTF-16": '{"user": 1}'.encode("utf-16"),
    "not UTF-8": b'{"email": "\xff\xfe", "password": "\xc3\x28"}',
    "overlong UTF-8": b'{"email": "\xc0\xaf", "password": "12345678"}',
    "raw control characters": b'{"email": "a\nb", "password": "\x01"}',
    "NUL": b'{"email": "a\\u0000@b.example", "password": "\\u00001234567"}',
    "NUL in a draft": b'{"tutor_profile": {"bio": "a\\u0000b"}}',
    "NUL in a key": b'{"settings": {"dark\\u0000mode": true}}',
    "a lone surrogate": b'{"email": "\\ud800@b.example", "password": "\\udfff1234567"}',
    "a lone surrogate in a draft": b'{"tutor_profile": {"bio": "\\udc00"}}',
    "a lone surrogate in metadata": b'{"action": "a.b", "metadata": {"\\ud800": 1}}',
    "prototypes": b'{"__proto__": {"role": "admin"}, "constructor": 1}',
    "a key twice": b'{"role": "tutor", "role": "superadmin"}',
    "a role nobody gets": b'{"email": "a@b.example", "password": "12345678", "first_name": "A",'
    b' "last_name": "B", "role": "superadmin"}',
    "mass assignment": b'{"user": {"id": 1, "role": "admin", "password_hash": "x"}}',
    "lists for texts": b'{"email": ["a"], "password": {"$ne": ""}, "action": [], "events": {}}',
    "too many events": b'{"events": [' + b",".join([b'{"action": "a.b"}'] * 101) + b"]}",
    "events that are none": b'{"events": [null, 1, "x", [], {}, {"action": null}]}',
    "an endless text": b'{"tutor_profile": {"bio": "' + b"a" * 70_000 + b'"}}',
    "more than is read": b'{"a": "' + b"a" * 1_100_000 + b'"}',
    "a compressed bomb": gzip.compress(b"[" * 20_000_000),
}
MEDIA_TYPES = [
    "",
    "text/plain",
    "text/html; charset=utf-7",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=" + "b" * 5000,
    "application/json, text/plain",
    "application/\xff",
    ";;;===",
]


@pytest.fixture
def owner(app, make_app):
    """A tutor at an app that limits nothing: limits would keep the bodies from being read."""
    unlimited = make_app(RATE_LIMITS_ENABLED=False)
    tutor = make_tutor(headline="Математика")
    return as_user(unlimited.test_client(), tutor)


@pytest.fixture
def unchanged(owner, settings):
    before = contents(settings["DATABASE_URL"])
    yield
    event_queue().drain()
    assert contents(settings["DATABASE_URL"]) == before


def is_refused(operation, answer):
    if operation.path == "/api/activity/events/" and answer.status_code == 202:
        return answer.json["accepted"] == 0
    return 400 <= answer.status_code < 500 and answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("body", JSON_BODIES.values(), ids=JSON_BODIES)
def test_a_hostile_body_is_refused_at_every_door_that_takes_json(owner, unchanged, body):
    taking = [operation for operation in operations(owner.application) if operation.takes_json]
    assert len(taking) >= 8
    for operation in taking:
        answer = owner.open(
            operation.path, method=operation.method, data=body, content_type="application/json"
        )
        assert is_refused(operation, answer), (str(operation), answer.status, answer.text[:300])


@pytest.mark.parametrize("name", ["deep lists", "not UTF-8", "more than is read", "NUL"])
def test_a_hostile_body_at_a_door_that_takes_none_does_no_harm(owner, unchanged, name):
    for operation in operations(owner.application):
        if not operation.takes_json:
            answer = owner.open(
                operation.path,
                method=operation.method,
                data=JSON_BODIES[name],
                content_type="application/json",
            )
            assert answer.status_code < 500, (str(operation), answer.text[:300])
            answer.close()


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_an_odd_media_type_is_refused_at_every_door_that_takes_json(owner, unchanged, media_type):
    for operation in operations(owner.application):
        if operation.takes_json:
            answer = owner.open(
                operation.path,
                method=operation.method,
                data=b'{"tutor_profile": {"bio": "x"}}',
                headers={"Content-Type": media_type},
            )
            assert is_refused(operation, answer), (str(operation), answer.status, answer.text[:300])
