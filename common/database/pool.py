"""A pool of autocommit connections, for statements that are transactions of their own.

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

from common.database.connection import BoundedConnection, is_closed_by_server

ACQUIRE_TIMEOUT_SECONDS = 3.0
MAX_AGE_SECONDS = 1800.0


class AutocommitPool:
    """Hands out up to `max_size` connections at once and keeps up to `max_idle` of them open."""

    def __init__(
        self, connect: Callable[[], BoundedConnection], max_idle: int, max_size: int
    ) -> None:
        self._connect = connect
        self._max_idle = max_idle
        self._max_size = max_size
        self.reset()
        _pools.add(self)

    def reset(self) -> None:
        """Drop all connections unclosed: in a forked child, whose parent goes on using them."""
        # Appending and popping are atomic.
        self._idle: deque[BoundedConnection] = deque()
        self._free = BoundedSemaphore(self._max_size)
        self._acquired: set[BoundedConnection] = set()
        self._count_lock = Lock()
        self.waiting = 0

    @property
    def in_use(self) -> int:
        """How many connections callers hold."""
        return len(self._acquired)

    def acquire(self) -> BoundedConnection:
        """A connection for the caller alone, who releases it. Raises psycopg2.Error."""
        if not self._free.acquire(blocking=False) and not self._wait():
            raise psycopg2.OperationalError("all connections to the database are in use")
        try:
            connection = self._pop_idle() or self._open()
        except BaseException:
            self._free.release()
            raise
        self._acquired.add(connection)
        return connection

    def _wait(self) -> bool:
        """Wait for a place; whether there is one in time."""
        with self._count_lock:
            self.waiting += 1
        try:
            return self._free.acquire(timeout=ACQUIRE_TIMEOUT_SECONDS)
        finally:
            with self._count_lock:
                self.waiting -= 1

    def _pop_idle(self) -> BoundedConnection | None:
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                age = time.monotonic() - connection.opened_at
                if age < MAX_AGE_SECONDS and not is_closed_by_server(connection):
                    return connection
                connection.close()
        return None

    def _open(self) -> BoundedConnection:
        connection = self._connect()
        connection.autocommit = True
        return connection

    def release(self, connection: BoundedConnection) -> None:
        """Take a connection back, in whatever state it is."""
        self._acquired.discard(connection)
        if not connection.closed:
            is_idle = connection.get_transaction_status() == TRANSACTION_STATUS_IDLE
            if is_idle and len(self._idle) < self._max_idle:
                self._idle.append(connection)
            else:
                # The server rolls back what was left open.
                connection.close()
        self._free.release()

    def close_idle(self) -> None:
        """Close idle connections: where one was found dead, those of its age are too."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


_pools: "WeakSet[AutocommitPool]" = WeakSet()


def _reset_all() -> None:
    for pool in list(_pools):
        pool.reset()


os.register_at_fork(after_in_child=_reset_all)
