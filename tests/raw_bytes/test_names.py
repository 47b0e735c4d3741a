"""Names that no field has, sent to every operation that takes JSON: a 422 that can be written."""

import orjson
import pytest

from tests.factories import as_user, make_tutor
from tests.raw_bytes.endpoints import operations

NAMES = {
    "half an emoji": rb"\ud83d",
    "the other half": rb"a\udc00",
    "halves in the wrong order": rb"\ude00\ud83d",
    "NUL": rb"\u0000",
}
WITHIN = {
    "at the top": b'{"events": [{"action": "a.b"}], "%s": 1}',
    "beside its replacement": b'{"events": [{"action": "a.b"}], "\\ufffd": 1, "%s": 2}',
    "before its replacement": b'{"events": [{"action": "a.b"}], "%s": 1, "\\ufffd": 2}',
    "with nothing": b'{"%s": null}',
    "in a section": b'{"user": {"%s": 1}, "settings": {"%s": 1}}',
    "in a value": b'{"tutor_profile": {"subjects": [{"%s": 1}]}, "metadata": {"%s": 1}}',
}


@pytest.fixture
def owner(app, make_app):
    return as_user(make_app(RATE_LIMITS_ENABLED=False).test_client(), make_tutor())


def send(owner, body):
    for operation in operations(owner.application):
        if operation.takes_json:
            yield operation, owner.open(
                operation.path, method=operation.method, data=body, content_type="application/json"
            )


@pytest.mark.parametrize("body", WITHIN.values(), ids=WITHIN)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_an_unstorable_name_is_a_422_under_its_replacement(owner, name, body):
    for operation, answer in send(owner, body.replace(b"%s", name)):
        assert answer.status_code == 422, (str(operation), answer.text)
        assert "\ufffd" in orjson.dumps(answer.json["errors"]).decode(), str(operation)
        assert "Must not contain NUL characters or half characters." in answer.text, str(operation)


def test_many_unknown_names_are_a_short_answer(owner):
    body = orjson.dumps({f"unknown{n}": {"a": n} for n in range(1500)})
    for operation, answer in send(owner, body):
        assert answer.status_code == 422, (str(operation), answer.text)
        assert len(answer.data) < 10_000, str(operation)


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"1", b"true"])
def test_a_body_that_is_no_object_is_an_error_of_the_whole(owner, body):
    for operation, answer in send(owner, body):
        assert answer.status_code == 422, (str(operation), answer.text)
        assert list(answer.json["errors"]["json"]) == ["_schema"], (str(operation), answer.json)
