"""Connections to PostgreSQL that are neither used after it has left nor waited for without end.

The server's own timeouts bound its work. They cannot bound a server, or a network, that has
fallen silent: for that a thread of ours hangs up, in processes that answer requests.
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

# What an answer may take beyond the time that the server allows a statement.
MARGIN_SECONDS = 2.0
GLANCE_SECONDS = 0.5
# A connection that took longer than this to fail was not refused: nobody was there.
SILENCE_SECONDS = 1.0
# After that, how long nobody else is made to wait for the same.
PAUSE_SECONDS = 1.0


class BoundedConnection(PlainConnection):
    """Notes since when it waits for the server, and can be hung up by another thread."""

    patience = float("inf")
    waiting_since: float | None = None
    was_silent = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.opened_at = time.monotonic()
        # The names of the statements that this connection's server has prepared.
        self.prepared: set[str] = set()
        self._line = select.poll()
        self._line.register(self.fileno(), select.POLLIN)

    def has_something_to_say(self) -> bool:
        """Whether the server has sent anything that was not read."""
        return bool(self._line.poll(0))

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

    def hang_up_if_silent(self) -> None:
        """Wake the thread that has waited beyond all patience; it finds the connection lost."""
        since = self.waiting_since
        if since is None or time.monotonic() - since < self.patience:
            return
        self.was_silent = True
        with suppress(OSError, psycopg2.Error):
            with socket.fromfd(self.fileno(), socket.AF_INET, socket.SOCK_STREAM) as line:
                line.shutdown(socket.SHUT_RDWR)


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


class Line:
    """The way to one database."""

    def __init__(self, statement_seconds: float) -> None:
        self._patience = statement_seconds + MARGIN_SECONDS
        self._silent_until = 0.0

    def connect(self, dsn: str) -> BoundedConnection:
        """Open a connection, or fail at once where others have just waited in vain."""
        began = time.monotonic()
        if began < self._silent_until:
            raise psycopg2.OperationalError("the database did not answer a moment ago")
        try:
            connection = BoundedConnection(dsn)
        except psycopg2.OperationalError:
            if time.monotonic() - began > SILENCE_SECONDS:
                self._silent_until = time.monotonic() + PAUSE_SECONDS
            raise
        connection.patience = self._patience
        connection.cursor_factory = BoundedCursor
        _watch.add(connection)
        return connection


class _Watch:
    """One thread per process that hangs up on silence."""

    def __init__(self) -> None:
        self._connections: WeakSet[BoundedConnection] = WeakSet()
        self.start_afresh()

    def start_afresh(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(self, connection: BoundedConnection) -> None:
        with self._lock:
            self._connections.add(connection)

    def ensure(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                    self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(GLANCE_SECONDS)
            with self._lock:
                connections = list(self._connections)
            while connections:
                # Popped, so that nothing here keeps one open that its pool has let go.
                connections.pop().hang_up_if_silent()


_watch = _Watch()
# Threads do not survive a fork, and a lock may be held by one.
os.register_at_fork(after_in_child=_watch.start_afresh)


def watch() -> None:
    """Hang up on a silent database from now on. Commands, whose statements may take long, don't."""
    _watch.ensure()


def find_dead_connections(engine: Engine) -> None:
    """Replace, at no cost of a round trip, pooled connections that the server has left."""
    event.listen(engine, "checkout", _refuse_if_left)


def _refuse_if_left(connection: Any, record: Any, proxy: Any) -> None:
    # A new one was just answered; were it refused too, the pool would give up.
    if "is_used" not in record.info:
        record.info["is_used"] = True
    elif has_been_left(connection):
        raise InvalidatePoolError("the server closed the connection while it was idle")


def has_been_left(connection: BoundedConnection) -> bool:
    """Whether an idle connection has something to say: its end, nothing else is told unasked."""
    return bool(connection.closed) or connection.has_something_to_say()
