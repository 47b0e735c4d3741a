"""How the benchmark warms a process, which events it fills a log with, and which rows it refuses."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

from activity.uuid_time import timestamp_range
from common.database.session import db
from fixtures.generated.events import ACTIONS
from fixtures.generated.period import LAST_TIMESTAMP
from tests.benchmarks.clients.client import Call
from tests.benchmarks.measuring import warming
from tests.benchmarks.servers import event_log
from tests.benchmarks.servers.installation import Installation, OutdatedSchema
from tests.factories import make_tutor

CALLS = [Call("/a")]


class Counting:
    """A worker whose searches are answered by bitmaps more and more often, up to `most`."""

    url = ""

    def __init__(self, most: float) -> None:
        self.looks, self.bitmaps, self.sql, self.most = 0, 0.0, 0.0, most

    def counted(self, metric: str) -> dict[str, float]:
        if metric == warming.LOADS:
            return {"loaded": min(self.looks, 6)}
        self.looks += 1
        share = min(self.most, self.looks / 10)
        self.bitmaps += 100 * share
        self.sql += 100 * (1 - share)
        return {"bitmaps": self.bitmaps, "sql": self.sql}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """First path, number and connections of what was sent."""
    found: list[tuple[str, int, int]] = []

    def note(url: str, calls: Sequence[Call], number: int, connections: int) -> list[int]:
        found.append((calls[0].path, number, connections))
        return [200] * number

    monkeypatch.setattr(warming, "each_at_once", note)
    monkeypatch.setattr(warming, "WINDOW_SECONDS", 0)
    return found


def test_questions_are_asked_until_what_answers_is_steady(sent: list[Any]) -> None:
    worker: Any = Counting(0.9)
    assert warming.warm_words(worker, CALLS, 2) == pytest.approx(0.9)
    assert worker.looks > 2 * warming.STEADY_WINDOWS
    assert {connections for _, _, connections in sent} == {2}


def test_questions_are_asked_for_so_long_at_most(sent: list[Any]) -> None:
    worker: Any = Counting(1.0)
    warming.warm_words(worker, CALLS, 1, 0.0)
    assert worker.looks == 2


def test_a_worker_is_sent_so_many_calls_and_goes_on_with_those_after_them(sent: list[Any]) -> None:
    worker: Any = Counting(1.0)
    calls = [Call(f"/{number}") for number in range(3)]
    following = warming.warm(worker, calls, 4, 5)
    assert sent == [("/0", 5, 4)]
    assert [call.path for call in following] == ["/2", "/0", "/1"]


def test_without_searches_there_is_no_share() -> None:
    assert warming.share_of({"sql": 3.0}, {"sql": 3.0}) is None
    assert warming.share_of({}, {}) is None
    assert warming.share_of({"sql": 3.0}, {"sql": 4.0, "bitmaps": 3.0}) == 0.75


@pytest.fixture
def log_app(app: Flask) -> Iterator[Flask]:
    yield app
    db.session.rollback()
    db.session.execute(text("comment on table activity_events is null"))
    db.session.commit()


def test_a_log_is_filled_once_with_events_as_they_are_generated(log_app: Flask) -> None:
    people = [make_tutor(email=f"tutor-1-{n}@generated.example.com").id for n in range(20)]
    db.session.commit()
    assert event_log.fill_log(4_000, 1, False)
    # The tutors' registrations are of now.
    statement = "select * from activity_events where timestamp < :last"
    found = db.session.execute(text(statement), {"last": LAST_TIMESTAMP}).mappings()
    rows = [SimpleNamespace(**row) for row in found]
    assert len(rows) == len({row.id for row in rows}) == 4_000
    for row in rows:
        start, end = timestamp_range(UUID(str(row.id)))
        assert start <= row.timestamp < end
    assert {row.action for row in rows} == {str(action) for action in ACTIONS}
    by_user = [sum(row.user_id == user for row in rows) for user in people]
    assert sum(by_user) == 4_000
    assert by_user[0] > by_user[5] > 0
    logins = [row for row in rows if row.action == "auth.login"]
    assert logins and all(row.entity_id == str(row.user_id) for row in logins)
    assert not event_log.fill_log(4_000, 1, False)
    with pytest.raises(ValueError, match="4000 events"):
        event_log.fill_log(5_000, 1, False)


def test_rows_of_another_schema_are_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    place: Any = SimpleNamespace(folder="tutors-1")
    Installation._require_schema(place)
    monkeypatch.setattr(ScriptDirectory, "get_current_head", lambda self: "a later one")
    with pytest.raises(OutdatedSchema, match="Run without --reuse"):
        Installation._require_schema(place)
