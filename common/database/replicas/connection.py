"""Connections to a replica, whose every wait ends at a deadline.

psycopg2's asynchronous mode: libpq sends, and this module waits for the socket. A server that has
fallen silent costs its caller the deadline, not the half second that the watchdog's rounds take.
"""

import select
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_READ
from psycopg2.extensions import connection as PlainConnection
from psycopg2.extensions import cursor as PlainCursor

from common.database.connections import prepared_statements as prepared
from common.database.connections import statement_time
from common.database.connections.session_settings import UnusableDatabaseError, apply_settings

READ_IDENTITY = "select system_identifier from pg_control_system()"


class SilentReplicaError(psycopg2.OperationalError):
    """The replica has not answered by the deadline."""


class ReplicaConnection(PlainConnection):
    """An asynchronous connection in autocommit, used as a synchronous one until its deadline."""

    # Of its own at the server, with what is set and prepared in it.
    has_session = True
    # On the monotonic clock; set by whoever uses the connection.
    deadline = float("inf")

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, async_=1)
        self.opened_at = time.monotonic()
        # As of BoundedConnection: names of prepared statements → bytes of SQL, in order of use.
        self.prepared: dict[str, int] = {}

    @contextmanager
    def asking_primary(self) -> Iterator[None]:
        """What the primary takes in here does not count: a replica is not silent because of it."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.deadline += time.monotonic() - began

    def wait(self) -> None:
        """Until what was begun is done. Raises psycopg2.Error, SilentReplicaError at the deadline."""
        while (state := self.poll()) != POLL_OK:
            # Anew each time: with several hosts the socket changes while connecting.
            poll = select.poll()
            poll.register(self.fileno(), select.POLLIN if state == POLL_READ else select.POLLOUT)
            if not poll.poll(max(0.0, self.deadline - time.monotonic()) * 1000):
                self.close()
                raise SilentReplicaError("the replica has not answered in time")

    def rows(self, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of one statement, prepared where it is frequent. Raises psycopg2.Error."""
        # It asks for a cursor, whose `execute` waits, and for `prepared`.
        session: Any = self
        return prepared.run(session, sql, values)

    def is_readable(self) -> bool:
        """Whether the server has sent anything unasked: its last message."""
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        return bool(poll.poll(0))


class ReplicaCursor(PlainCursor):
    """Executes and waits, as a synchronous cursor does."""

    connection: ReplicaConnection

    def execute(self, query: Any, vars: Any = None) -> None:
        began = time.monotonic()
        try:
            super().execute(query, vars)
            self.connection.wait()
        finally:
            statement_time.add_since(began)


def open_connection(
    dsn: str, settings: Mapping[str, str], system_identifier: int, deadline: float
) -> ReplicaConnection:
    """A connection whose session has these settings, to a copy of the system that is named.

    Raises psycopg2.Error, UnusableDatabaseError where it is a copy of another one.
    """
    connection = ReplicaConnection(dsn)
    try:
        connection.deadline = deadline
        connection.wait()
        connection.cursor_factory = ReplicaCursor
        with closing(connection.cursor()) as cursor:
            apply_settings(cursor, settings)
            cursor.execute(READ_IDENTITY)
            (found,) = cursor.fetchone() or (None,)
        if found != system_identifier:
            raise UnusableDatabaseError("it is no replica of the database of DATABASE_URL")
    except BaseException:
        connection.close()
        raise
    return connection
