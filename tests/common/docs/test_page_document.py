"""What the page shows: nothing is filled in unasked, and what all operations share is stated once."""

from copy import deepcopy

import pytest

from common.docs.document import operations
from common.docs.page_document import STATED_ONCE, page_document

pytestmark = pytest.mark.quick


@pytest.fixture
def pages(client):
    return client.get("/api/openapi.json").json, client.get("/api/docs/page.json").json


def parameters(document):
    for item in document["paths"].values():
        for part in item.values():
            yield from part if isinstance(part, list) else part.get("parameters", ())


def test_optional_parameters_start_empty_with_their_examples_beside_them(pages):
    whole, page = pages
    for before, after in zip(parameters(whole), parameters(page), strict=True):
        if after.get("required"):
            continue
        filled = {"example", "examples", "default"} & {*after, *after["schema"]}
        assert not filled, after["name"]
        examples = before["schema"].get("examples", ())
        for example in examples:
            typed = ",".join(map(str, example)) if isinstance(example, list) else str(example)
            assert f"`{typed}`" in after["description"]


def test_shared_answers_are_stated_once_on_top(pages):
    whole, page = pages
    description = page["info"]["description"]
    for status in STATED_ONCE:
        assert f"| {status} |" in description
    listed = [
        (operation["operationId"], status)
        for operation in operations(page)
        for status, response in operation["responses"].items()
        if "$ref" in response
    ]
    assert listed == []
    # What an operation says better itself stays.
    login = page["paths"]["/api/auth/login/"]["post"]["responses"]
    assert "400" in login and "413" not in login


def test_a_padlock_means_that_the_token_is_sent(pages):
    whole, page = pages
    for before, after in zip(operations(whole), operations(page), strict=True):
        takes_token = {"bearer": []} in before["security"]
        assert after["security"] == ([{"bearer": []}] if takes_token else [])
        if takes_token and {} in before["security"]:
            assert "Needs no token" in after["description"]


def test_the_whole_document_is_left_as_it_is(pages):
    whole, page = pages
    before = deepcopy(whole)
    assert page_document(whole) == page
    assert whole == before
