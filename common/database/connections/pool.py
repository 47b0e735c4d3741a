"""The connections of a process: one pool, for single statements and for transactions.

SQLAlchemy's pool does more with each checkout than the statements of a busy read take; this one
hands out the connection released last, if it still lives, and opens another where there is none.
"""

import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore, Lock
from weakref import WeakSet

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from common.database.connections.connection import BoundedConnection, is_closed_by_server

ACQUIRE_TIMEOUT_SECONDS = 3.0
MAX_AGE_SECONDS = 1800.0
# After that, a connection that nobody needs is closed.
MAX_IDLE_SECONDS = 300.0


class AutocommitPool:
    """Hands out up to `max_size` connections at once and keeps up to `max_idle` of them open.

    They are in autocommit, except while a transaction has one. A thread with a transaction may need
    another connection for a statement, which itself needs none beside: so transactions get three
    quarters of the places at most, and threads that wait for each other can't have taken all.
    """

    def __init__(
        self, connect: Callable[[], BoundedConnection], max_idle: int, max_size: int
    ) -> None:
        self._connect = connect
        self._max_idle = max_idle
        self.max_size = max_size
        self.max_transactions = max(1, max_size - max(1, max_size // 4))
        self.reset()
        _pools.add(self)

    def reset(self) -> None:
        """Drop all connections unclosed: in a forked child, whose parent goes on using them."""
        # Appending and popping are atomic.
        self._idle: deque[BoundedConnection] = deque()
        self._places = BoundedSemaphore(self.max_size)
        self._transaction_places = BoundedSemaphore(self.max_transactions)
        self._acquired: set[BoundedConnection] = set()
        self._count_lock = Lock()
        self.waiting = 0

    @property
    def in_use(self) -> int:
        """How many connections callers hold."""
        return len(self._acquired)

    def acquire(self, trusted_seconds: float = 0.0) -> BoundedConnection:
        """A connection for the caller alone, who releases it. Raises psycopg2.Error.

        One that was in use so recently is not asked whether it still lives.
        """
        self._take(self._places, ACQUIRE_TIMEOUT_SECONDS)
        return self._acquire_in_place(trusted_seconds)

    def acquire_for_transaction(self) -> BoundedConnection:
        """A connection without autocommit, for `release_transaction`. Raises psycopg2.Error."""
        until = time.monotonic() + ACQUIRE_TIMEOUT_SECONDS
        self._take(self._transaction_places, ACQUIRE_TIMEOUT_SECONDS)
        try:
            self._take(self._places, until - time.monotonic())
            connection = self._acquire_in_place()
            connection.autocommit = False
        except BaseException:
            self._transaction_places.release()
            raise
        return connection

    def _take(self, places: BoundedSemaphore, timeout: float) -> None:
        """Take a place, waiting for one if need be."""
        if places.acquire(blocking=False):
            return
        with self._count_lock:
            self.waiting += 1
        try:
            if not places.acquire(timeout=max(0.0, timeout)):
                raise psycopg2.OperationalError("all connections to the database are in use")
        finally:
            with self._count_lock:
                self.waiting -= 1

    def _acquire_in_place(self, trusted_seconds: float = 0.0) -> BoundedConnection:
        """A connection for the place just taken, which is free again if there is none."""
        try:
            connection = self._pop_idle(trusted_seconds) or self._open()
        except BaseException:
            self._places.release()
            raise
        self._acquired.add(connection)
        return connection

    def _pop_idle(self, trusted_seconds: float) -> BoundedConnection | None:
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                now = time.monotonic()
                is_trusted = now - connection.idle_since < trusted_seconds
                is_young = now - connection.opened_at < MAX_AGE_SECONDS
                if is_young and (is_trusted or not is_closed_by_server(connection)):
                    return connection
                connection.close()
        return None

    def _open(self) -> BoundedConnection:
        connection = self._connect()
        connection.autocommit = True
        return connection

    def replace(self, connection: BoundedConnection) -> BoundedConnection:
        """Another connection in the place of a transaction's that is of no use any more."""
        connection.close()
        fresh = self._open()
        fresh.autocommit = False
        self._acquired.discard(connection)
        self._acquired.add(fresh)
        return fresh

    def release_transaction(self, connection: BoundedConnection) -> None:
        """Take a transaction's connection back, in whatever state it is."""
        if is_idle(connection):
            # Both are the driver's own state: nothing is sent.
            if connection.isolation_level is not None:
                connection.isolation_level = None
            connection.autocommit = True
        self.release(connection)
        self._transaction_places.release()

    def release(self, connection: BoundedConnection) -> None:
        """Take a connection back, in whatever state it is."""
        self._acquired.discard(connection)
        if is_idle(connection) and len(self._idle) < self._max_idle:
            connection.idle_since = time.monotonic()
            self._idle.append(connection)
            self._close_unneeded(connection.idle_since)
        else:
            # The server rolls back what was left open.
            connection.close()
        self._places.release()

    def _close_unneeded(self, present: float) -> None:
        # Not `suppress`, which would cost as much as the rest of a release.
        try:
            if present - self._idle[0].idle_since > MAX_IDLE_SECONDS:
                self._idle.popleft().close()
        except IndexError:
            # Another thread has taken it meanwhile.
            pass

    def close_idle(self) -> None:
        """Close idle connections: where one was found dead, those of its age are too."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


def is_idle(connection: BoundedConnection) -> bool:
    """Whether a connection is open and in no transaction."""
    if connection.closed:
        return False
    return connection.get_transaction_status() == TRANSACTION_STATUS_IDLE


_pools: "WeakSet[AutocommitPool]" = WeakSet()


def _reset_all() -> None:
    for pool in list(_pools):
        pool.reset()


os.register_at_fork(after_in_child=_reset_all)
