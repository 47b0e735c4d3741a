import pytest
from psycopg2 import errorcodes
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.http.problems.document import LONGEST_DETAIL
from common.http.problems.errors import first_sentence
from common.http.problems.transient_failures import is_transient

STATUSES = {
    "BadRequest": 400,
    "Unauthorized": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "Conflict": 409,
    "PreconditionFailed": 412,
    "PayloadTooLarge": 413,
    "UnsupportedMediaType": 415,
    "PreconditionRequired": 428,
    "Unavailable": 503,
}


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
def test_every_exception_of_ours_is_a_problem_document(probe, name, status):
    answer = probe.get(f"/probe/raise/{name}/")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["detail"] == "A sentence."
    assert answer.json["instance"] == f"urn:uuid:{answer.headers['X-Request-ID']}"
    assert set(answer.json) == {"type", "title", "status", "code", "detail", "instance"}


def test_unavailable_says_when_to_try_again(probe):
    assert int(probe.get("/probe/raise/Unavailable/").headers["Retry-After"]) > 0


def test_invalid_values_are_nested_as_the_input_was(probe):
    answer = probe.get("/probe/raise/Invalid/")
    assert answer.status_code == 422
    assert answer.json["errors"] == {"json": {"user": {"first_name": ["Too short."]}}}
    assert answer.json["detail"] == "user.first_name: Too short."


def test_an_unforeseen_failure_reveals_nothing_to_the_client_and_no_value_to_the_log(probe, capsys):
    answer = probe.get("/probe/raise/crash/")
    assert answer.status_code == 500
    assert "secret-value" not in answer.text
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged and "probe.py" in logged
    assert "secret-value" not in logged


def test_an_unknown_address_and_method_are_problem_documents(probe):
    assert probe.get("/nowhere").mimetype == "application/problem+json"
    answer = probe.delete("/probe/people/")
    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert "POST" in answer.headers["Allow"]


def test_a_database_that_is_away_is_a_503_with_retry_after(build):
    app = build()

    @app.get("/broken-pool")
    def broken_pool():
        raise PoolTimeout("pool is empty")

    client = app.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json["database"] == "away"
    assert client.get("/broken-pool").status_code == 503


class DriverError(Exception):
    def __init__(self, pgcode):
        self.pgcode = pgcode


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errorcodes.QUERY_CANCELED, True),
        (errorcodes.LOCK_NOT_AVAILABLE, True),
        (errorcodes.DEADLOCK_DETECTED, True),
        (errorcodes.TOO_MANY_CONNECTIONS, True),
        (errorcodes.UNIQUE_VIOLATION, False),
        (errorcodes.SYNTAX_ERROR, False),
    ],
)
def test_only_transient_states_of_the_database_ask_the_client_to_come_back(code, expected):
    assert is_transient(DBAPIError("select", {}, DriverError(code))) is expected


def test_a_lost_connection_is_a_transient_state():
    assert is_transient(OperationalError("select", {}, DriverError(None)))


@pytest.mark.parametrize(
    ("errors", "sentence"),
    [
        ({"a": ["Bad."]}, "a: Bad."),
        ({"a": {"b": ["Bad."], "c": ["Worse."]}}, "a.b: Bad."),
        ({"_schema": ["Bad."]}, "Bad."),
        ({"a": {"0": ["Bad."]}}, "a.0: Bad."),
        ({}, "The value is not valid."),
    ],
)
def test_the_detail_is_the_first_message_with_its_field(errors, sentence):
    assert first_sentence(errors) == sentence


def test_a_sentence_that_quotes_an_endless_name_is_cut_to_what_the_document_promises(probe):
    answer = probe.get("/probe/query/?" + "a" * 3000 + "=1")
    assert answer.status_code == 422
    assert len(answer.json["detail"]) == LONGEST_DETAIL
    assert answer.json["detail"].endswith("…")
