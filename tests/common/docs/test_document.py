"""The OpenAPI document of the whole application says of everything what it is."""

import pytest

from common.config import SETTINGS
from common.docs.document import operations
from common.docs.front_page import in_words, is_rate
from common.http.problems.codes import ProblemCode

pytestmark = pytest.mark.quick


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json


def properties(name, schema):
    for key, value in schema.get("properties", {}).items():
        yield f"{name}.{key}", value
        yield from properties(f"{name}.{key}", value)
    for part in ("items", "additionalProperties"):
        if isinstance(schema.get(part), dict):
            yield from properties(f"{name}[]", schema[part])
    for combination in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(combination, ()):
            yield from properties(name, part)


def test_every_property_has_a_description(document):
    schemas = document["components"]["schemas"]
    found = [each for name, schema in schemas.items() for each in properties(name, schema)]
    assert len(found) > 300
    assert [name for name, schema in found if not schema.get("description", "").strip()] == []


def test_every_query_parameter_that_a_view_reads_is_in_the_document(app, document):
    ids = {operation["operationId"]: operation for operation in operations(document)}
    checked = []
    for view in app.view_functions.values():
        described = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", ())
        read = {
            field.data_key or name
            for part in described
            if part["in"] == "query"
            for name, field in part["schema"].load_fields.items()
        }
        if read:
            first, *rest = view.__name__.split("_")
            operation = ids[first + "".join(word.title() for word in rest)]
            checked.append(operation["operationId"])
            assert read <= {each.get("name") for each in operation["parameters"]}, view
    assert "readOwnPublicProfile" in checked


def test_every_parameter_has_a_description(document):
    found = [
        (path, parameter["name"], parameter.get("description", ""))
        for path, item in document["paths"].items()
        for part in item.values()
        for parameter in (part if isinstance(part, list) else part.get("parameters", ()))
    ]
    assert found
    assert [each for each in found if not each[2].strip()] == []


def test_every_limited_operation_states_its_rates_and_by_whom_they_are_counted(document):
    limited = [each for each in operations(document) if "429" in each["responses"]]
    assert [
        each["operationId"] for each in limited if "**Limit:**" not in each["description"]
    ] == []
    (trigger,) = (each for each in limited if each["operationId"] == "triggerEvent")
    assert "5 a second and 30 a minute per user" in trigger["description"]
    assert not [each for each in operations(document) if "x-limits" in each]


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ("5/second;30/minute", "5 a second and 30 a minute"),
        ("30/hour", "30 an hour"),
        ("60/minute; 1000/day", "60 a minute and 1000 a day"),
    ],
)
def test_rates_are_written_as_people_say_them(rates, words):
    assert in_words(rates) == words


def test_the_front_page_has_every_action_subject_entity_type_code_and_limit(document):
    from_data = document["info"]["description"]
    for name in ("profile.snapshot", "marketplace.search", "auth.login", "math", "english"):
        assert f"| `{name}` |" in from_data, name
    for code in ProblemCode:
        assert f"| `{code.value}` |" in from_data
    for entity_type in ("account", "marketplace", "profile"):
        assert f"| `{entity_type}` |" in from_data
    limits = [setting for setting in SETTINGS if is_rate(setting)]
    assert len(limits) >= 7
    for setting in limits:
        assert f"| `{setting.name}` |" in from_data


def test_every_422_of_an_operation_is_its_own(document):
    for operation in operations(document):
        response = operation["responses"].get("422")
        if response is None:
            continue
        content = response["content"]["application/problem+json"]
        examples = [named["value"] for named in content.get("examples", {}).values()]
        for example in examples or [content["example"]]:
            assert set(example["errors"]) <= {"query", "json", "files"}, operation["operationId"]


def test_page_size_is_named_only_where_there_is_one(document):
    for operation in operations(document):
        names = {each["name"] for each in operation.get("parameters", ())}
        response = operation["responses"].get("422")
        if response and "page_size" not in names:
            assert "page_size" not in str(response["content"]), operation["operationId"]


def test_no_shared_answer_is_left_over_and_none_is_missing(document):
    named = {
        response["$ref"].rpartition("/")[2]
        for operation in operations(document)
        for response in operation["responses"].values()
        if "$ref" in response
    }
    assert named == set(document["components"]["responses"])
