"""Connections to PostgreSQL whose waits are bounded and whose loss is noticed before use.

The server's own timeouts bound its work. They cannot bound a server, or a network, that has
fallen silent: for that a watchdog thread aborts the connection, in processes that answer requests.
"""

import os
import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import psycopg2
from psycopg2.extensions import BYTES
from psycopg2.extensions import connection as PlainConnection
from psycopg2.extensions import cursor as PlainCursor
from psycopg2.extensions import string_types
from psycopg2.extras import register_uuid

from common.database.connections import statement_time

# Both ways. SQLAlchemy's dialect does this too, though only for connections that it has used.
register_uuid()

# Values cast to this type are read as bytes of UTF-8: ready JSON that is only passed on, of which a
# text would be made to be encoded again. No column has it.
AS_BYTES, AS_BYTES_OID = "bpchar", 1042
string_types[AS_BYTES_OID] = BYTES

POLL_SECONDS = 0.5


class BoundedConnection(PlainConnection):
    """Notes since when it waits for the server, and can be aborted by another thread."""

    # In seconds; beyond it the watchdog aborts the connection.
    response_timeout = float("inf")
    waiting_since: float | None = None
    timed_out = False
    # The process id and start time of the server's process, once the session was checked.
    backend: tuple[int, str | None] | None = None
    # Whether it keeps one session of the server's: not behind a pooler of transactions.
    has_session = True
    # Since when it lies in its pool, on the monotonic clock.
    idle_since = 0.0
    # What SQLAlchemy knows about it, once a transaction has used it.
    pool_entry: Any = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.opened_at = time.monotonic()
        # Names of the statements that the server has prepared → bytes of SQL, in order of use.
        self.prepared: dict[str, int] = {}
        self._poll = select.poll()
        self._poll.register(self.fileno(), select.POLLIN)

    def is_readable(self) -> bool:
        """Whether the server has sent anything that was not read."""
        return bool(self._poll.poll(0))

    def commit(self) -> None:
        self.waiting_since = time.monotonic()
        try:
            super().commit()
        finally:
            self.waiting_since = None

    def rollback(self) -> None:
        self.waiting_since = time.monotonic()
        try:
            super().rollback()
        finally:
            self.waiting_since = None

    def abort_if_overdue(self) -> None:
        """Shut the socket down if its thread has waited too long; that thread gets an error."""
        since = self.waiting_since
        if since is None or time.monotonic() - since < self.response_timeout:
            return
        self.timed_out = True
        with suppress(OSError, psycopg2.Error):
            with socket.socket(fileno=os.dup(self.fileno())) as duplicate:
                duplicate.shutdown(socket.SHUT_RDWR)


class BoundedCursor(PlainCursor):
    """A cursor of such a connection: its statements are what is waited for."""

    connection: BoundedConnection

    def execute(self, query: Any, vars: Any = None) -> None:
        connection = self.connection
        began = connection.waiting_since = time.monotonic()
        try:
            super().execute(query, vars)
        finally:
            connection.waiting_since = None
            statement_time.add_since(began)


class _Watchdog:
    """One thread per process that aborts connections whose server has fallen silent."""

    def __init__(self) -> None:
        self._connections: WeakSet[BoundedConnection] = WeakSet()
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, connection: BoundedConnection) -> None:
        with self._lock:
            self._connections.add(connection)

    def connections(self) -> list[BoundedConnection]:
        with self._lock:
            return list(self._connections)

    def ensure(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(POLL_SECONDS)
            connections = self.connections()
            while connections:
                # Popped, so that no reference here keeps a connection open that its pool dropped.
                connections.pop().abort_if_overdue()


_watchdog = _Watchdog()
# Threads do not survive a fork, and a lock may be held by one.
os.register_at_fork(after_in_child=_watchdog.reset)


def watch(connection: BoundedConnection) -> None:
    """Have the watchdog, once it is started, look after a connection."""
    _watchdog.add(connection)


def watched_connections() -> list[BoundedConnection]:
    """The open and closed connections of this process that are still referred to."""
    return _watchdog.connections()


def start_watchdog() -> None:
    """Abort overdue connections from now on. Commands, whose statements may take long, don't."""
    _watchdog.ensure()


def is_closed_by_server(connection: BoundedConnection) -> bool:
    """Whether an idle connection is dead: a server sends nothing unasked but its last message."""
    return bool(connection.closed) or connection.is_readable()
