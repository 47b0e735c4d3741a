"""The example of an operation's 422 is what the service really answers."""

import re
from uuid import uuid4

import pytest

from common.docs.invalid_input import example_errors
from tests.factories import as_user, make_tutor

QUERY = {"in": "query", "name": "size", "schema": {"minimum": 1, "maximum": 9}}
COMPONENTS = {"schemas": {"Thing": {"required": ["name"]}}}


def body(schema, media_type="application/json"):
    return {"requestBody": {"content": {media_type: {"schema": schema}}}}


@pytest.mark.parametrize(
    ("operation", "detail", "errors"),
    [
        (
            {"parameters": [QUERY]},
            "size: Must be greater than or equal to 1 and less than or equal to 9.",
            {
                "query": {
                    "size": ["Must be greater than or equal to 1 and less than or equal to 9."]
                }
            },
        ),
        (
            {"parameters": [QUERY | {"schema": {}}]},
            "colour: Unknown field.",
            {"query": {"colour": ["Unknown field."]}},
        ),
        (
            body({"$ref": "#/components/schemas/Thing"}),
            "name: Missing data for required field.",
            {"json": {"name": ["Missing data for required field."]}},
        ),
        (body({}), "colour: Unknown field.", {"json": {"colour": ["Unknown field."]}}),
        (
            body({}, "multipart/form-data"),
            "avatar: Missing data for required field.",
            {"files": {"avatar": ["Missing data for required field."]}},
        ),
        ({}, "colour: Unknown field.", {"query": {"colour": ["Unknown field."]}}),
    ],
)
def test_the_example_is_made_of_the_operations_own_input(operation, detail, errors):
    assert example_errors(operation, COMPONENTS) == (detail, errors)


def provoke(client, method, path, location, field, message):
    """Make the fault that the example speaks of."""
    number = re.search(r"less than or equal to (\d+)", message)
    value = str(int(number[1]) + 1) if number else "red"
    if location == "query":
        return client.open(path, method=method, query_string={field: value})
    return client.open(path, method=method, json={field: value} if "Unknown" in message else {})


def test_generated_examples_are_what_the_service_answers(client):
    document = client.get("/api/openapi.json").json
    tutor = make_tutor(headline="A headline")
    mine = as_user(client, tutor)
    tried = 0
    for path, item in document["paths"].items():
        for method in {"get", "post", "put", "patch", "delete"} & set(item):
            content = item[method]["responses"].get("422", {}).get("content", {})
            errors = (
                content.get("application/problem+json", {}).get("example", {}).get("errors", {})
            )
            for location, fields in errors.items():
                ((field, messages),) = fields.items()
                if not isinstance(messages, list) or not _is_generated(messages[0]):
                    continue
                ids = {"tutor_id": tutor.id, "session_id": uuid4(), "search_id": uuid4()}
                real = path.format(**ids)
                answer = provoke(mine, method.upper(), real, location, field, messages[0])
                assert answer.status_code == 422, (method, path, answer.text)
                assert answer.json["errors"][location][field] == messages, (method, path)
                tried += 1
    assert tried > 6


def _is_generated(message):
    return message.startswith(("Unknown field", "Missing data", "Must be greater than or equal"))
