"""One replica in one process: its connections, and whether it is worth asking."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import BoundedSemaphore
from typing import TypeVar

import psycopg2
import structlog
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, make_dsn, parse_dsn

from common.database.connections.factory import DEFAULTS, failure_reason
from common.database.replicas.connection import ReplicaConnection, open_connection
from common.database.replicas.pause import Pause

log = structlog.get_logger()

MAX_AGE_SECONDS = 1800.0
# After a failure, how long the replica is not asked.
FAILURE_PAUSE_SECONDS = 1.0
# After an answer that was too old: a replica that lags for a moment is asked again soon, one that
# lags for ever costs a statement a second.
FIRST_LAG_PAUSE_SECONDS = 0.01
LONGEST_LAG_PAUSE_SECONDS = 1.0
# The server itself ends a statement this long before its caller gives up the connection, so that
# what is slow and what is silent can be told apart.
SILENCE_MARGIN_SECONDS = 0.05

T = TypeVar("T")
# Cancelled by statement_timeout, or since replay would not wait for it.
CANCELLED = ("57014", "40001")
DATA_EXCEPTION = "22"


class ReplicaBusyError(Exception):
    """All of a replica's connections are in use."""


class PrimaryError(Exception):
    """The primary has not said which system a replica has to be a copy of."""


def is_of_the_statement(error: psycopg2.Error) -> bool:
    """Whether an error says nothing of the replica's health."""
    code = error.pgcode or ""
    return code in CANCELLED or code.startswith(DATA_EXCEPTION)


class Replica:
    """Lends each of up to `size` connections to one caller at a time."""

    def __init__(
        self,
        number: int,
        url: str,
        settings: Mapping[str, str],
        size: int,
        timeout_seconds: float,
        identify: Callable[[], int],
    ) -> None:
        # Its place in READ_DATABASE_URLS, from 1 on: addresses stay out of logs and metrics.
        self.number = number
        options = DEFAULTS | parse_dsn(url) | {"client_encoding": "UTF8"}
        self._dsn = make_dsn(**options)
        self._settings = {
            **settings,
            "statement_timeout": str(int(timeout_seconds * 1000)),
        }
        self._size = size
        self._timeout = timeout_seconds + SILENCE_MARGIN_SECONDS
        # The primary's system identifier, which a physical replica shares.
        self._identify = identify
        self.failures = Pause(FAILURE_PAUSE_SECONDS, FAILURE_PAUSE_SECONDS)
        self._lags: dict[str, Pause] = {}
        self.reset()

    def reset(self) -> None:
        """Drop all connections unclosed: in a forked child, whose parent goes on using them."""
        self._idle: deque[ReplicaConnection] = deque()
        self._free = BoundedSemaphore(self._size)
        self.failures.reset()
        self._lags = {}

    def lag(self, kind: str) -> Pause:
        """Whether it was too old for reads of this kind."""
        return self._lags.setdefault(
            kind, Pause(FIRST_LAG_PAUSE_SECONDS, LONGEST_LAG_PAUSE_SECONDS)
        )

    def run(self, read: Callable[[ReplicaConnection], T]) -> T:
        """What `read` makes of a connection, within the timeout.

        Raises ReplicaBusyError at once, PrimaryError, and psycopg2.Error.
        """
        if not self._free.acquire(blocking=False):
            raise ReplicaBusyError
        try:
            return self._run(read)
        finally:
            self._free.release()

    def _run(self, read: Callable[[ReplicaConnection], T]) -> T:
        connection: ReplicaConnection | None = None
        try:
            connection = self._pop_idle() or self._open()
            result = read(connection)
        except psycopg2.Error as error:
            if not is_of_the_statement(error):
                self._fail(error)
            raise
        finally:
            if connection is not None:
                self._put_back(connection)
        if self.failures.is_failing:
            self.failures.succeeded()
            log.info("a replica answers again", replica=self.number)
        return result

    def _open(self) -> ReplicaConnection:
        try:
            identity = self._identify()
        except psycopg2.Error as error:
            raise PrimaryError from error
        deadline = time.monotonic() + self._timeout
        return open_connection(self._dsn, self._settings, identity, deadline)

    def _fail(self, error: psycopg2.Error) -> None:
        if not self.failures.is_failing:
            log.warning("a replica fails", replica=self.number, reason=failure_reason(error))
        self.failures.failed()
        self.close_idle()

    def _pop_idle(self) -> ReplicaConnection | None:
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                is_young = time.monotonic() - connection.opened_at < MAX_AGE_SECONDS
                if is_young and not connection.closed and not connection.is_readable():
                    connection.deadline = time.monotonic() + self._timeout
                    return connection
                connection.close()
        return None

    def _put_back(self, connection: ReplicaConnection) -> None:
        if connection.closed:
            return
        is_idle = connection.get_transaction_status() == TRANSACTION_STATUS_IDLE
        if is_idle and not connection.isexecuting():
            self._idle.append(connection)
        else:
            connection.close()

    def close_idle(self) -> None:
        """Close the connections that nobody uses."""
        with suppress(IndexError):
            while True:
                self._idle.pop().close()
