"""What counts as breaking, change by change, on a small document."""

from copy import deepcopy
from typing import Any

import pytest

from tests.released_document.breaking_changes import breaking_changes

THING = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "tags": {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 9}},
        "part": {"anyOf": [{"$ref": "#/components/schemas/Thing"}, {"type": "null"}]},
    },
}
DOCUMENT = {
    "paths": {
        "/things/": {
            "parameters": [{"in": "query", "name": "q", "schema": {"type": "string"}}],
            "post": {
                "parameters": [
                    {"in": "query", "name": "size", "schema": {"type": "integer", "maximum": 9}}
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                    }
                },
                "responses": {
                    "200": {
                        "headers": {"ETag": {}},
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}
                        },
                    },
                    "404": {"description": "Nothing."},
                },
                "security": [],
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": THING,
            "Answer": {"type": "object", "properties": {"thing": deepcopy(THING)}},
        }
    },
}


def post(document):
    return document["paths"]["/things/"]["post"]


def sent(document):
    return document["components"]["schemas"]["Thing"]


def received(document):
    return document["components"]["schemas"]["Answer"]["properties"]["thing"]


BREAKING: dict[str, Any] = {
    "removed": lambda d: d["paths"].pop("/things/"),
    "the parameter q is gone": lambda d: d["paths"]["/things/"].pop("parameters"),
    "the parameter size has become necessary": lambda d: post(d)["parameters"][0].update(
        required=True
    ),
    "the parameter new has become necessary": lambda d: post(d)["parameters"].append(
        {"in": "query", "name": "new", "required": True, "schema": {}}
    ),
    "size has a narrower maximum": lambda d: post(d)["parameters"][0]["schema"].update(maximum=8),
    "size has a narrower minimum": lambda d: post(d)["parameters"][0]["schema"].update(minimum=1),
    "a body has become necessary": lambda d: post(d)["requestBody"].update(required=True),
    "the media type application/json is gone": lambda d: post(d)["requestBody"].update(
        content={"text/plain": {}}
    ),
    "a token has become necessary": lambda d: post(d).update(security=[{"bearer": []}]),
    "the answer 200 is gone": lambda d: post(d)["responses"].pop("200"),
    "the header ETag of 200 is gone": lambda d: post(d)["responses"]["200"].pop("headers"),
    "body.tags is gone": lambda d: sent(d)["properties"].pop("tags"),
    "body.kind has become necessary": lambda d: sent(d).update(required=["id", "kind"]),
    "body.kind no longer takes b": lambda d: sent(d)["properties"]["kind"].update(enum=["a", "c"]),
    "body.kind takes another type": lambda d: sent(d)["properties"]["kind"].update(type="integer"),
    "body.tags has a narrower maxItems": lambda d: sent(d)["properties"]["tags"].update(maxItems=4),
    "body.tags[] has a narrower maxLength": lambda d: sent(d)["properties"]["tags"].update(
        items={"type": "string", "maxLength": 8}
    ),
    "body.tags[] has another pattern": lambda d: sent(d)["properties"]["tags"].update(
        items={"type": "string", "maxLength": 9, "pattern": "^a"}
    ),
    "body.part takes another type": lambda d: sent(d)["properties"].update(
        part={"$ref": "#/components/schemas/Thing"}
    ),
    "answer.thing.tags is gone": lambda d: received(d)["properties"].pop("tags"),
    "answer.thing.id may be absent": lambda d: received(d).update(required=[]),
    "answer.thing.id has another type": lambda d: received(d)["properties"]["id"].update(
        type=["integer", "null"]
    ),
}
HARMLESS: dict[str, Any] = {
    "an operation more": lambda d: d["paths"].update({"/more/": d["paths"]["/things/"]}),
    "an optional parameter more": lambda d: post(d)["parameters"].append(
        {"in": "query", "name": "new", "schema": {"type": "string"}}
    ),
    "a wider limit": lambda d: post(d)["parameters"][0]["schema"].update(maximum=10),
    "an optional field more": lambda d: sent(d)["properties"].update(new={"type": "string"}),
    "a field more in the answer": lambda d: received(d)["properties"].update(new={}),
    "a field that is always there": lambda d: received(d).update(required=["id", "kind"]),
    "a value more": lambda d: sent(d)["properties"]["kind"].update(enum=["a", "b", "c"]),
    "another description": lambda d: sent(d)["properties"]["id"].update(description="New."),
    "an error less": lambda d: post(d)["responses"].pop("404"),
    "no token any more": lambda d: post(d).update(security=[{"bearer": []}, {}]),
}


def changed(change):
    document = deepcopy(DOCUMENT)
    change(document)
    return document


def test_the_same_document_breaks_nothing():
    assert [*breaking_changes(DOCUMENT, deepcopy(DOCUMENT))] == []


@pytest.mark.parametrize("expected", BREAKING)
def test_what_breaks_a_client_is_found(expected):
    found = [*breaking_changes(DOCUMENT, changed(BREAKING[expected]))]
    assert ("POST /things/", expected) in found


@pytest.mark.parametrize("name", HARMLESS)
def test_what_breaks_nobody_is_let_through(name):
    assert [*breaking_changes(DOCUMENT, changed(HARMLESS[name]))] == []
