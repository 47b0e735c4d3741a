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
from uuid import UUID
from weakref import WeakSet

import psycopg2
from psycopg2.extensions import connection as PlainConnection
from psycopg2.extensions import cursor as PlainCursor
from psycopg2.extensions import register_adapter
from psycopg2.extras import UUID_adapter
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

# SQLAlchemy's dialect does this too, though not before its own first connection.
register_adapter(UUID, UUID_adapter)

# What a response may take beyond the time that the server allows a statement.
NETWORK_MARGIN_SECONDS = 2.0
POLL_SECONDS = 0.5
# A connection attempt that took longer than this to fail was not refused: it timed out.
UNREACHABLE_AFTER_SECONDS = 1.0
# After that, how long further attempts fail at once instead of waiting for the same.
UNREACHABLE_PAUSE_SECONDS = 1.0


class BoundedConnection(PlainConnection):
    """Notes since when it waits for the server, and can be aborted by another thread."""

    # In seconds; beyond it the watchdog aborts the connection.
    response_timeout = float("inf")
    waiting_since: float | None = None
    timed_out = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.opened_at = time.monotonic()
        # The names of the statements that this connection's server has prepared.
        self.prepared: set[str] = set()
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
            with socket.fromfd(self.fileno(), socket.AF_INET, socket.SOCK_STREAM) as duplicate:
                duplicate.shutdown(socket.SHUT_RDWR)


class BoundedCursor(PlainCursor):
    """A cursor of such a connection: its statements are what is waited for."""

    connection: BoundedConnection

    def execute(self, query: Any, vars: Any = None) -> None:
        connection = self.connection
        connection.waiting_since = time.monotonic()
        try:
            super().execute(query, vars)
        finally:
            connection.waiting_since = None


class ConnectionFactory:
    """Opens bounded connections to one database."""

    def __init__(self, statement_seconds: float) -> None:
        self._response_timeout = statement_seconds + NETWORK_MARGIN_SECONDS
        self._unreachable_until = 0.0

    def connect(self, dsn: str) -> BoundedConnection:
        """Open a connection; while the database is known to be unreachable, fail at once.

        Raises psycopg2.OperationalError.
        """
        began = time.monotonic()
        if began < self._unreachable_until:
            raise psycopg2.OperationalError("the database did not answer a moment ago")
        try:
            connection = BoundedConnection(dsn)
        except psycopg2.OperationalError:
            if time.monotonic() - began > UNREACHABLE_AFTER_SECONDS:
                self._unreachable_until = time.monotonic() + UNREACHABLE_PAUSE_SECONDS
            raise
        connection.response_timeout = self._response_timeout
        connection.cursor_factory = BoundedCursor
        _watchdog.add(connection)
        return connection


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

    def ensure(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(POLL_SECONDS)
            with self._lock:
                connections = list(self._connections)
            while connections:
                # Popped, so that no reference here keeps a connection open that its pool dropped.
                connections.pop().abort_if_overdue()


_watchdog = _Watchdog()
# Threads do not survive a fork, and a lock may be held by one.
os.register_at_fork(after_in_child=_watchdog.reset)


def start_watchdog() -> None:
    """Abort overdue connections from now on. Commands, whose statements may take long, don't."""
    _watchdog.ensure()


def discard_dead_connections(engine: Engine) -> None:
    """Replace, without a round trip, pooled connections that the server has closed."""
    event.listen(engine, "checkout", _discard_if_closed)


def _discard_if_closed(connection: Any, record: Any, proxy: Any) -> None:
    # A new one has just been used; were it refused too, the pool would give up.
    if "is_used" not in record.info:
        record.info["is_used"] = True
    elif is_closed_by_server(connection):
        raise InvalidatePoolError("the server closed the connection while it was idle")


def is_closed_by_server(connection: BoundedConnection) -> bool:
    """Whether an idle connection is dead: a server sends nothing unasked but its last message."""
    return bool(connection.closed) or connection.is_readable()
