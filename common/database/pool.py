"""Connections in autocommit, for statements that are transactions of their own.

SQLAlchemy's pool does more with each loan than the statements of a busy read take; this one lends
what was given back last, if its server is still there, and opens another where there is none.
"""

import os
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore
from weakref import WeakSet

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from common.database.connection import BoundedConnection, has_been_left

PATIENCE_SECONDS = 3.0
OLDEST_SECONDS = 1800.0


class ReadPool:
    """Lends up to `most` connections at once and keeps up to `kept` of them open."""

    def __init__(self, connect: Callable[[], BoundedConnection], kept: int, most: int) -> None:
        self._connect = connect
        self._kept = kept
        self._most = most
        self.start_afresh()
        _pools.add(self)

    def start_afresh(self) -> None:
        """Forget all connections: also in a forked child, whose parent goes on using them."""
        # Appending and popping are atomic.
        self._idle: deque[BoundedConnection] = deque()
        self._free = BoundedSemaphore(self._most)

    def take(self) -> BoundedConnection:
        """A connection for the caller alone, who gives it back. Raises psycopg2.Error."""
        if not self._free.acquire(timeout=PATIENCE_SECONDS):
            raise psycopg2.OperationalError("all connections to the database are in use")
        try:
            return self._alive() or self._opened()
        except BaseException:
            self._free.release()
            raise

    def _alive(self) -> BoundedConnection | None:
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                age = time.monotonic() - connection.opened_at
                if age < OLDEST_SECONDS and not has_been_left(connection):
                    return connection
                connection.close()
        return None

    def _opened(self) -> BoundedConnection:
        connection = self._connect()
        connection.autocommit = True
        return connection

    def give_back(self, connection: BoundedConnection) -> None:
        """Take a connection back, in whatever state it is."""
        if not connection.closed:
            is_idle = connection.get_transaction_status() == TRANSACTION_STATUS_IDLE
            if is_idle and len(self._idle) < self._kept:
                self._idle.append(connection)
            else:
                # The server rolls back what was left open.
                connection.close()
        self._free.release()

    def close_idle(self) -> None:
        """Close what nobody uses: where one connection was found dead, those of its age are too."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()


_pools: "WeakSet[ReadPool]" = WeakSet()


def _reset_all() -> None:
    for pool in list(_pools):
        pool.start_afresh()


os.register_at_fork(after_in_child=_reset_all)
