"""Opens connections to PostgreSQL whose sessions are as the service needs them."""

import time
from collections.abc import Mapping
from contextlib import closing

import psycopg2
import structlog
from psycopg2.extensions import make_dsn, parse_dsn

from common.database.connections.connection import (
    BoundedConnection,
    BoundedCursor,
    is_closed_by_server,
    watch,
    watched_connections,
)
from common.database.connections.session_settings import (
    SESSION,
    UnusableDatabaseError,
    apply_settings,
)

log = structlog.get_logger()

# What a response may take beyond the time that the server allows a statement.
NETWORK_MARGIN_SECONDS = 2.0
# A connection attempt that took longer than this to fail was not refused: it timed out.
UNREACHABLE_AFTER_SECONDS = 1.0
# After that, how long further attempts fail at once instead of waiting for the same.
UNREACHABLE_PAUSE_SECONDS = 1.0
SHARED_SESSION_PAUSE_SECONDS = 30.0
# How long the same reason is not logged again.
REPORT_SECONDS = 10.0
LONGEST_REASON = 500
# Unless the address says otherwise.
DEFAULTS = {
    "application_name": "tutor-marketplace",
    "connect_timeout": "3",
    "keepalives_idle": "30",
    "tcp_user_timeout": "10000",
}

# Address → until when connecting fails at once, and the reason: of all factories of this process.
_failing: dict[str, tuple[float, str]] = {}


class ConnectionFactory:
    """Opens bounded connections to one database, with one set of session settings."""

    def __init__(self, url: str, settings: Mapping[str, str], pooling: str = SESSION) -> None:
        """`pooling` is what is between us and the database, as DATABASE_POOLING says."""
        self._dsn = make_dsn(**(DEFAULTS | parse_dsn(url) | {"client_encoding": "UTF8"}))
        self._settings = dict(settings)
        self._pooling = pooling
        statement_seconds = int(settings.get("statement_timeout", "0")) / 1000
        self._response_timeout = statement_seconds + NETWORK_MARGIN_SECONDS
        self._reported: tuple[str, float] = ("", 0.0)

    def connect(self) -> BoundedConnection:
        """Open a connection; while the database is known to be unusable, fail at once.

        Raises psycopg2.OperationalError.
        """
        began = time.monotonic()
        until, failure = _failing.get(self._dsn, (0.0, ""))
        if began < until:
            raise psycopg2.OperationalError(failure)
        try:
            return self._open()
        except psycopg2.OperationalError as error:
            if isinstance(error, SharedSessionError):
                self._fail_for(SHARED_SESSION_PAUSE_SECONDS, str(error))
            elif time.monotonic() - began > UNREACHABLE_AFTER_SECONDS:
                self._fail_for(UNREACHABLE_PAUSE_SECONDS, "the database did not answer just now")
            self._report(failure_reason(error))
            raise

    def _open(self) -> BoundedConnection:
        connection = BoundedConnection(self._dsn)
        try:
            connection.response_timeout = self._response_timeout
            connection.cursor_factory = BoundedCursor
            watch(connection)
            connection.autocommit = True
            with closing(connection.cursor()) as cursor:
                connection.backend = apply_settings(cursor, self._settings, self._pooling)
            connection.has_session = self._pooling == SESSION
            if connection.has_session:
                _check_not_shared(connection)
            connection.autocommit = False
        except BaseException:
            connection.close()
            raise
        return connection

    def _fail_for(self, seconds: float, failure: str) -> None:
        _failing[self._dsn] = time.monotonic() + seconds, failure

    def _report(self, reason: str) -> None:
        """Log why there is no connection, and not again at once: requests may fail by hundreds."""
        last, when = self._reported
        now = time.monotonic()
        if reason != last or now - when > REPORT_SECONDS:
            self._reported = reason, now
            log.warning("no connection to the database", reason=reason)


class SharedSessionError(UnusableDatabaseError):
    """Two connections of this process turned out to share one session."""


def _check_not_shared(connection: BoundedConnection) -> None:
    """Raise SharedSessionError, and close the other connection, if a pooler lends both one backend.

    Such a pooler (transaction pooling) gives statements to sessions without our settings.
    """
    for other in watched_connections():
        is_other = other is not connection and other.has_session
        if is_other and other.backend == connection.backend and not is_closed_by_server(other):
            other.close()
            raise SharedSessionError(
                "a pooler in front of the database gives one session to several connections"
                " (transaction pooling); it must pool sessions, or DATABASE_POOLING be `transaction`"
            )


def failure_reason(error: Exception) -> str:
    """What PostgreSQL or libpq says, in one line. Neither quotes passwords."""
    lines = [line.strip() for line in str(error).splitlines()]
    return " ".join(line for line in lines if line)[:LONGEST_REASON] or type(error).__name__
