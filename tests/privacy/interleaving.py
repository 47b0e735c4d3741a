"""Two requests at once, made to meet at a place of our choosing.

The first is halted before one of its statements; the second then runs until it is answered or
waits for a lock of the database; then the first goes on. Trying every statement in turn
meets every order in which two transactions can take each other's locks.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from sqlalchemy import event

from common.database.connections.connection import BoundedCursor
from common.database.connections.pool import AutocommitPool
from common.database.session import autocommit_pool, db

LONGEST_WAIT_SECONDS = 20.0
POLL_SECONDS = 0.002
WAITING = """
    select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'"""

LOANS = ("checkout", "checkin")

Request = Callable[[], Any]


class Halt:
    """Stops one thread before its n-th statement or commit, until it is released."""

    def __init__(self, thread: threading.Thread, number: int) -> None:
        self._thread = thread
        self._number = number
        self.seen = 0
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def pass_by(self, *details: Any) -> None:
        if threading.current_thread() is not self._thread:
            return
        self.seen += 1
        if self.seen == self._number:
            self.reached.set()
            assert self.go_on.wait(LONGEST_WAIT_SECONDS), "the other request never ended"


class Running:
    """A request in a thread of its own, and what it was answered."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._answer: Any = None
        self._error: BaseException | None = None
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._answer = self._request()
        except BaseException as error:  # raised again by answer()
            self._error = error

    def answer(self) -> Any:
        self.thread.join(LONGEST_WAIT_SECONDS)
        assert not self.thread.is_alive(), "the request hangs"
        if self._error is not None:
            raise self._error
        return self._answer


@contextmanager
def _listening(halt: Halt) -> Iterator[None]:
    places = [(db.engine, "commit"), *((db.engine.pool, name) for name in LOANS)]
    for target, name in places:
        event.listen(target, name, halt.pass_by)
    try:
        # SQLAlchemy's statements and those that pass it by, and where their connections are taken
        # and returned.
        with (
            statements_passed_by(halt),
            passed_by(autocommit_pool(), "acquire", halt),
            passed_by(autocommit_pool(), "release", halt),
        ):
            yield
    finally:
        for target, name in places:
            event.remove(target, name, halt.pass_by)


@contextmanager
def passed_by(pool: AutocommitPool, name: str, halt: Halt) -> Iterator[None]:
    """Each call of a method of `pool` passes by the halt first."""
    method = getattr(pool, name)

    def pass_and_call(*arguments: Any) -> Any:
        halt.pass_by()
        return method(*arguments)

    setattr(pool, name, pass_and_call)
    try:
        yield
    finally:
        delattr(pool, name)


@contextmanager
def statements_passed_by(halt: Halt) -> Iterator[None]:
    """Each statement that is sent passes by the halt first."""
    execute = BoundedCursor.execute

    def pass_and_execute(cursor: BoundedCursor, query: Any, vars: Any = None) -> None:
        halt.pass_by()
        execute(cursor, query, vars)

    BoundedCursor.execute = pass_and_execute  # type: ignore[method-assign]  # as a mock would
    try:
        yield
    finally:
        BoundedCursor.execute = execute  # type: ignore[method-assign]  # as it was


def meet(first: Request, second: Request, number: int, observer: Any) -> tuple[Any, Any, bool]:
    """Both answers, and whether the first had an n-th statement to be halted before."""
    one, other = Running(first), Running(second)
    halt = Halt(one.thread, number)
    with _listening(halt):
        one.thread.start()
        while not halt.reached.wait(POLL_SECONDS) and one.thread.is_alive():
            pass
        was_halted = halt.reached.is_set()
        other.thread.start()
        _until_done_or_waiting(other.thread, observer)
        halt.go_on.set()
        return one.answer(), other.answer(), was_halted


def _until_done_or_waiting(thread: threading.Thread, observer: Any) -> None:
    while thread.is_alive():
        observer.execute(WAITING)
        if observer.fetchone()[0]:
            return
        thread.join(POLL_SECONDS)


@contextmanager
def observer_of(url: str) -> Iterator[Any]:
    """A cursor that sees who waits, outside of everybody's transactions."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()
