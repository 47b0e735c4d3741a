"""Reads at a replica that has replayed all that the primary had committed when it was asked.

The primary's position in its log of changes (WAL) is asked after the request began, so that every
commit acknowledged before is at or before it. Positions are comparable within one timeline only.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import psycopg2

from common.database.replicas.configured import replicas
from common.database.replicas.connection import ReplicaConnection
from common.database.session import read_rows

Rows = list[tuple[Any, ...]]
Read = Callable[[str, Mapping[str, Any]], Rows]

# How long a reader waits for a replica that is about to have it: replay follows a commit within a
# millisecond or two.
WAIT_SECONDS = 0.02
FIRST_SLEEP_SECONDS = 0.001

# A commit is flushed before it is visible, unless synchronous_commit is off. What is inserted and not
# flushed is sent to no replica, and may be no commit: reads clean pages and set hint bits. The first
# eight digits of a segment's name are the timeline.
READ_POSITION = """
    select (case when current_setting('synchronous_commit') = 'off'
            then pg_current_wal_insert_lsn() else pg_current_wal_flush_lsn() end)::text,
        ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int"""
# The timeline of the latest checkpoint: older than that of replay for some minutes after a
# fail-over, never newer. A statement of its own, since a snapshot is taken before functions run.
HAS_REPLAYED = """
    select pg_last_wal_replay_lsn() >= %(lsn)s::pg_lsn
        and (select timeline_id from pg_control_checkpoint()) = %(timeline)s"""


class Position(NamedTuple):
    """A position of the primary: an LSN as PostgreSQL writes it, and its timeline."""

    lsn: str
    timeline: int


class PositionReader:
    """Runs the statements of one request, all at a replica or, from the first refusal on, at the
    primary."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._position: Position | None = None
        self._is_refused = False

    def __call__(self, sql: str, values: Mapping[str, Any]) -> Rows:
        """All rows of one statement. Raises psycopg2.Error of the primary."""
        if not self._is_refused:
            rows = self._read(sql, values)
            if rows is not None:
                return rows
            self._is_refused = True
        return read_rows(sql, values)

    def _read(self, sql: str, values: Mapping[str, Any]) -> Rows | None:
        def read(connection: ReplicaConnection) -> Rows | None:
            if self._position is None:
                with connection.asking_primary():
                    self._position = _read_position()
            if self._position is None or not _has_replayed(connection, self._position):
                return None
            return connection.rows(sql, values)

        return replicas().read(self._kind, read)


def _read_position() -> Position | None:
    """The primary's; None where DATABASE_URL names a server in recovery."""
    try:
        return Position(*read_rows(READ_POSITION)[0])
    except psycopg2.Error:
        # If it is down, the statement itself says so.
        return None


def _has_replayed(connection: ReplicaConnection, position: Position) -> bool:
    """Whether the replica has all up to there, or gets it within the wait. Raises psycopg2.Error."""
    until, pause = time.monotonic() + WAIT_SECONDS, FIRST_SLEEP_SECONDS
    while not connection.rows(HAS_REPLAYED, position._asdict())[0][0]:
        if time.monotonic() + pause > until:
            return False
        time.sleep(pause)
        pause *= 2
    return True


def position_reader(kind: str) -> Read:
    """What reads for one request: at a replica where there are any, else at the primary."""
    return PositionReader(kind) if replicas() else read_rows
