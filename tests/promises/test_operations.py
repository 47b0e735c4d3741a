"""What must hold for every operation of the OpenAPI document."""

import pytest
from werkzeug.http import HTTP_STATUS_CODES

from common.docs.document import operations

pytestmark = pytest.mark.quick


def test_every_operation_has_an_id_a_summary_and_describes_every_answer(client):
    document = client.get("/api/openapi.json").json
    ids = [operation["operationId"] for operation in operations(document)]
    assert len(ids) == len(set(ids))
    for operation in operations(document):
        name = operation["operationId"]
        assert operation.get("summary", "").strip(), name
        assert "\n" not in operation["summary"].strip(), name
        assert operation["tags"], name
        assert "503" in operation["responses"], name
        if {"bearer": []} in operation["security"]:
            assert "401" in operation["responses"], name
        for status, response in operation["responses"].items():
            assert "$ref" in response or response["description"], (name, status)


def documented_answers(document):
    """Every operation's id with each status and content it can answer."""
    shared = document["components"]["responses"]
    for operation in operations(document):
        for status, response in operation["responses"].items():
            response = shared.get(response.get("$ref", "").rpartition("/")[2], response)
            for media_type, content in response.get("content", {}).items():
                yield operation["operationId"], int(status), media_type, content


def examples_in(content):
    if "example" in content:
        yield content["example"]
    for named in content.get("examples", {}).values():
        assert named["summary"]
        yield named["value"]


def test_every_body_and_every_answer_has_an_example(client):
    document = client.get("/api/openapi.json").json
    for operation in operations(document):
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if media_type != "multipart/form-data":
                assert [*examples_in(content)], (operation["operationId"], media_type)
    for name, status, media_type, content in documented_answers(document):
        assert [*examples_in(content)], (name, status, media_type)


def test_examples_of_errors_look_as_errors_do(client):
    document = client.get("/api/openapi.json").json
    for name, status, media_type, content in documented_answers(document):
        if status < 400 or name == "checkReadiness" and status == 503:
            continue
        assert media_type == "application/problem+json", (name, status)
        for example in examples_in(content):
            assert example["status"] == status, name
            assert example["title"] == HTTP_STATUS_CODES[status], name
            assert example["detail"].endswith("."), name


def test_the_document_shows_what_people_ask_about_first(client):
    text = client.get("/api/openapi.json").text
    for shown in ("profile.snapshot", "?subject=", "?search=", "autosaved_at", "quota-exceeded"):
        assert shown in text


def test_links_lead_to_operations_and_their_parameters(client):
    document = client.get("/api/openapi.json").json
    parameters = {
        operation["operationId"]: {
            parameter["name"]
            for parameter in [*path.get("parameters", ()), *operation.get("parameters", ())]
        }
        for path in document["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }
    linked = [
        link
        for operation in operations(document)
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    ]
    assert linked
    for link in linked:
        assert set(link["parameters"]) <= parameters[link["operationId"]]


def test_counted_answers_of_limited_operations_announce_their_limits(client):
    document = client.get("/api/openapi.json").json
    limited = [each for each in operations(document) if "429" in each["responses"]]
    assert {"logInWithPassword", "triggerEvent", "collectEvents"} <= {
        operation["operationId"] for operation in limited
    }
    for operation in limited:
        for status in {"200", "201", "202", "204", "400", "413", "415", "422"}:
            response = operation["responses"].get(status)
            if response:
                assert {"RateLimit", "RateLimit-Policy"} <= set(response["headers"])


def test_every_tag_is_introduced(client):
    document = client.get("/api/openapi.json").json
    used = {tag for operation in operations(document) for tag in operation["tags"]}
    introduced = {tag["name"] for tag in document["tags"] if tag.get("description")}
    assert used <= introduced
