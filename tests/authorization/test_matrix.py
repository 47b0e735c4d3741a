"""Who may call what: every operation as everybody, against the table in matrix.csv."""

import csv
from pathlib import Path

import pytest

from tests.authorization.callers import CALLERS, SECRET, make_callers, make_owner, private_state
from tests.authorization.requests import operations, send

TABLE = Path(__file__).with_name("matrix.csv")


def expected_answers():
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row.pop("operation"): row for row in csv.DictReader(file)}


MATRIX = expected_answers()


def test_every_operation_of_the_document_is_in_the_matrix_and_no_other(client):
    """A new operation is written into matrix.csv, with the answer that each caller gets."""
    assert sorted(operation.id for operation in operations(client)) == sorted(MATRIX)


def test_the_matrix_speaks_of_every_caller():
    for row in MATRIX.values():
        assert set(row) == set(CALLERS)


@pytest.mark.parametrize("name", MATRIX)
def test_each_caller_gets_the_answer_of_the_matrix(client, name):
    operation = next(each for each in operations(client) if each.id == name)
    user, ids = make_owner(client)
    callers = make_callers(client, user)
    before = private_state(callers["owner"])
    answers = {}
    for caller in CALLERS:
        if caller == "owner":
            assert private_state(callers["owner"]) == before, "somebody else changed what is hers"
        answer = send(operation, callers[caller], ids)
        answers[caller] = str(answer.status_code)
        if caller != "owner":
            assert SECRET not in answer.text, f"{caller} reads what is the owner's"
    assert answers == MATRIX[name]
