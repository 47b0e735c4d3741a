"""The `code` of a problem: one enumeration, documented, and the same for the same fault."""

from http import HTTPStatus

import pytest

from common.http.problems.codes import DEFAULTS, MEANINGS, ProblemCode, default_code
from tests.common.http.probe import INACTIVE_USER

CURSOR_OF_NO_LIST = "/probe/numbers/?cursor=AAAA"


def test_every_code_has_a_meaning_that_names_its_status():
    assert set(MEANINGS) == set(ProblemCode)
    for meaning in MEANINGS.values():
        status, _, sentence = meaning.partition(": ")
        assert HTTPStatus(int(status)) >= 400
        assert sentence


@pytest.mark.parametrize(("status", "code"), DEFAULTS.items())
def test_the_default_of_a_status_is_a_code_of_that_status(status, code):
    assert MEANINGS[code].startswith(f"{status}: ")


@pytest.mark.parametrize("status", [400, 402, 418, 499, 500, 502, 599])
def test_every_status_has_a_code(status):
    assert default_code(status) in ProblemCode


def test_the_document_enumerates_the_codes(probe):
    schema = probe.get("/api/openapi.json").json["components"]["schemas"]["Problem"]
    assert set(schema["properties"]["code"]["enum"]) == set(ProblemCode)
    assert "code" in schema["required"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nowhere", "not_found"),
        ("DELETE", "/probe/people/", "method_not_allowed"),
        ("GET", "/probe/me/", "login_required"),
        ("GET", "/probe/query/?size=0", "invalid_values"),
        ("GET", CURSOR_OF_NO_LIST, "invalid_cursor"),
        ("GET", "/probe/raise/crash/", "internal_error"),
        ("GET", "/probe/raise/Unavailable/", "busy"),
        ("GET", "/probe/raise/Conflict/", "conflict"),
    ],
)
def test_a_fault_has_its_code(probe, method, path, code):
    assert probe.open(path, method=method).json["code"] == code


@pytest.mark.parametrize(
    ("authorization", "code"), [("Bearer x", "invalid_token"), ("Basic x", "login_required")]
)
def test_a_refused_token_has_its_code(probe, authorization, code):
    answer = probe.get("/probe/me/", headers={"Authorization": authorization})
    assert answer.json["code"] == code


def test_a_token_of_an_inactive_account_has_its_code(probe, bearer):
    assert probe.get("/probe/me/", headers=bearer(INACTIVE_USER)).json["code"] == "inactive_account"


@pytest.mark.parametrize("body", [b"{", b"[" * 100 + b"]" * 100])
def test_json_that_is_malformed_or_too_deep_has_its_code(probe, body):
    answer = probe.post("/probe/people/", data=body, content_type="application/json")
    assert answer.json["code"] == "malformed_json"
