"""The benchmark's questions about what an installation has, and what its people write."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from common.database.session import db
from tests.activity.events import event, put
from tests.benchmarks.measuring.measure import calls_of
from tests.benchmarks.measuring.warming import WARMING_CALLS
from tests.benchmarks.workloads.distinct_places import DISTINCT_READS, DISTINCT_WRITES, WRITERS
from tests.benchmarks.workloads.questions import QUESTIONS
from tests.factories import auth_header, make_tutor
from tests.marketplace.generated_tutors import generate_tutors, store_tutors

TUTORS = 30
# The one whose log is read is listed, too.
LISTED = TUTORS + 1


@pytest.fixture
def place(app: Flask) -> Any:
    """What workloads read of an Installation: one reader with a log, and some tutors."""
    store_tutors(generate_tutors(TUTORS))
    reader = make_tutor(email="tutor-1-0@generated.example.com")
    put(event(reader.id), event(reader.id, action="profile.viewed"))

    def sql(statement: str) -> list[Any]:
        return [tuple(row) for row in db.session.execute(text(statement.replace("::", "\\:\\:")))]

    return SimpleNamespace(tutors=2, app=app, sql=sql, authorization=auth_header(reader))


EVERY = pytest.mark.parametrize(
    "workload", (*DISTINCT_READS, *DISTINCT_WRITES), ids=lambda each: each.name
)


@EVERY
def test_calls_never_repeat_and_the_service_takes_them(
    app: Flask, place: Any, workload: Any
) -> None:
    calls = workload.calls(place)
    # A part of the tutors' cards is for warming.
    number = LISTED - LISTED // 5 if workload.name.endswith("one tutor") else QUESTIONS
    assert len({(each.path, str(each.headers), each.body) for each in calls}) == len(calls)
    assert len(calls) == number
    client = app.test_client()
    # The tests' tutors have no accounts, so that one person asks and writes for all.
    for call in calls[:: max(1, len(calls) // 10)]:
        headers = call.headers | (place.authorization if call.headers else {})
        answer = client.open(call.path, method=call.method, data=call.body, headers=headers)
        assert answer.status_code in (200, 201), (call, answer.json)


@EVERY
def test_a_worker_is_warmed_with_other_calls_than_those_measured(place: Any, workload: Any) -> None:
    measured, warming = calls_of(workload, place, 5_000)
    asked = {repr(call) for call in measured}
    assert warming and not asked & {repr(call) for call in warming}
    assert len(asked) == len(measured)
    # With the same tokens, which a worker verifies once.
    assert {str(call.headers) for call in measured} == {str(call.headers) for call in warming}


@pytest.mark.parametrize("workload", DISTINCT_WRITES, ids=lambda each: each.name)
def test_everybody_has_written_before_writes_are_measured(place: Any, workload: Any) -> None:
    measured, warming = calls_of(workload, place, 5_000)
    writers = {call.headers["Authorization"] for call in measured}
    assert {call.headers["Authorization"] for call in warming[: len(writers)]} == writers
    assert len(writers) == LISTED
    assert WRITERS <= WARMING_CALLS
