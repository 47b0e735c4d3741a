"""The queue writes what other domains add up, and runs their tasks; neither holds up an event."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from activity import Accumulation, Action
from activity.queue.event_queue import EventQueue
from activity.recording.daily_counts import visit_of
from common.database.session import db, engine_options
from tests.activity.events import visits

MakeQueue = Callable[..., EventQueue]


class Noted(Accumulation):
    """Leaves a note in the database, and says how often it was asked to."""

    action = "noted"

    def __init__(self, statement: str = "insert into activity_maintenance values ('note', now())"):
        self.statement, self.writes = statement, 0

    def write(self, connection: Connection) -> None:
        self.writes += 1
        connection.execute(text(self.statement))


@pytest.fixture
def make_queue(app: Flask) -> Iterator[MakeQueue]:
    made: list[EventQueue] = []

    def make(**options: Any) -> EventQueue:
        made.append(EventQueue(engine_options(app.config), 100, **options))
        return made[-1]

    yield make
    for queue in made:
        queue.close(0.1)


def notes() -> int:
    found = db.session.scalar(text("select count(*) from activity_maintenance where task = 'note'"))
    db.session.rollback()
    return int(found or 0)


def test_it_is_written_once_with_the_batch(app: Flask, make_queue: MakeQueue) -> None:
    queue, noted = make_queue(), Noted()
    queue.put(noted)
    queue.put(visit_of(Action.PROFILE_VIEWED, {"tutor_id": 7}))
    assert queue.drain()
    assert (noted.writes, notes()) == (1, 1)


def test_one_that_the_database_refuses_takes_nothing_with_it(
    app: Flask, make_queue: MakeQueue
) -> None:
    queue = make_queue()
    queue.put(visit_of(Action.MARKETPLACE_SORT_CHANGED, {"ordering": "newest"}))
    queue.put(Noted("insert into no_such_table values (1)"))
    noted = Noted()
    queue.put(noted)
    assert queue.drain()
    assert notes() == 1
    assert visits() == {(Action.MARKETPLACE_SORT_CHANGED, ""): 1}


def test_tasks_run_before_a_batch_and_one_that_fails_stops_nothing(
    app: Flask, make_queue: MakeQueue
) -> None:
    ran: list[str] = []

    def failing(engine: Engine) -> None:
        ran.append("failing")
        with engine.begin() as connection:
            connection.execute(text("select * from no_such_table"))

    def succeeding(engine: Engine) -> None:
        ran.append("succeeding")

    queue = make_queue(tasks=[failing, succeeding])
    queue.put(Noted())
    assert queue.drain()
    assert ran == ["failing", "succeeding"]
    assert notes() == 1
    with pytest.raises(ProgrammingError):
        failing(db.engine)
