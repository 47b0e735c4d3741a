import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PEOPLE = "/probe/people/"


def post_raw(probe, body, content_type="application/json"):
    return probe.post(PEOPLE, data=body, content_type=content_type)


def test_valid_input_reaches_the_view(probe):
    answer = probe.post(PEOPLE, json={"name": "Оля", "age": 30, "happy": True})
    assert answer.status_code == 201
    assert answer.json == {"value": {"name": "Оля", "age": 30, "happy": True}}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 11),
        ("name", 5),
        ("name", None),
        ("name", "a\x00b"),
        ("age", "30"),
        ("age", 30.5),
        ("age", True),
        ("age", -1),
        ("age", 151),
        ("age", 10**30),
        ("happy", "true"),
        ("happy", 1),
        ("unknown", 1),
        ("nested", {"name": ""}),
        ("nested", []),
    ],
)
def test_invalid_values_are_a_422_that_names_the_field(probe, field, value):
    answer = post_raw(probe, json.dumps({"name": "Оля", **{field: value}}).encode())
    assert answer.status_code == 422
    errors = answer.json["errors"]["json"]
    assert field in errors or "_schema" in errors
    assert answer.json["detail"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b'{"name": "\\ud800"}',
        b'{"name": NaN}',
        b"\xff\xfe",
        b'{"name": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b'{"age": ' + b"9" * 5000 + b"}",
        b"",
    ],
)
def test_malformed_json_is_a_400_whatever_it_is(probe, body):
    answer = post_raw(probe, body)
    assert answer.status_code in (400, 422), answer.text
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_json_that_is_no_object_is_a_422(probe, body):
    assert post_raw(probe, body).status_code == 422


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_media_type_is_a_415(probe, media_type):
    assert post_raw(probe, b'{"name": "x"}', media_type).status_code == 415


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "application/merge-patch+json"]
)
def test_json_media_types_are_read(probe, media_type):
    assert post_raw(probe, b'{"name": "x"}', media_type).status_code == 201


def test_a_body_that_is_too_large_is_a_413(build):
    client = build(MAX_BODY_BYTES=100).test_client()
    answer = client.post(PEOPLE, json={"name": "x" * 200})
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "unknown=1",
        "size=1&size=2",
        "size=0",
        "size=101",
        "size=ten",
        "size=1_0",
        "size=%20 5",
        "size=%D9%A3",
        "size=99999999999999999999",
        "only=yes",
        "only=1",
        "sort=a%00b",
        "tags=toolong",
        "%00=1",
    ],
)
def test_a_query_parameter_that_breaks_a_rule_is_a_422(probe, query):
    answer = probe.get(f"/probe/query/?{query}")
    assert answer.status_code == 422, answer.text
    assert "query" in answer.json["errors"]


def test_a_list_parameter_may_be_repeated_or_separated_by_commas(probe):
    answer = probe.get("/probe/query/?tags=a,b&tags=c&tags=,")
    assert answer.json["value"]["tags"] == ["a", "b", "c"]


def test_a_path_answers_the_same_without_its_final_slash(probe):
    assert probe.get("/probe/query").json == probe.get("/probe/query/").json
    assert probe.post("/probe/people", json={"name": "x"}).status_code == 201


def test_operations_are_documented_with_id_login_and_errors(probe):
    document = probe.get("/api/openapi.json").json
    operation = document["paths"]["/probe/people/"]["post"]
    assert operation["operationId"] == "createPerson"
    assert {"201", "400", "413", "415", "422", "503"} <= set(operation["responses"])
    assert document["paths"]["/probe/me/"]["get"]["security"] == [{"bearer": []}]
    assert document["paths"]["/probe/anyone/"]["get"]["security"] == [{"bearer": []}, {}]
    assert document["paths"]["/probe/ignored/"]["get"]["security"] == []
    assert "429" in document["paths"]["/probe/limited/"]["post"]["responses"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(body=JSON_VALUES)
def test_no_json_whatever_is_a_500(probe, body):
    answer = post_raw(probe, json.dumps(body).encode())
    assert answer.status_code in (201, 400, 422)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(body=st.binary(max_size=60))
def test_no_bytes_whatever_are_a_500(probe, body):
    assert post_raw(probe, body).status_code in (201, 400, 422)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(query=st.dictionaries(st.text(max_size=6), st.text(max_size=8), max_size=3))
def test_no_query_whatever_is_a_500(probe, query):
    assert probe.get("/probe/query/", query_string=query).status_code in (200, 400, 422)
