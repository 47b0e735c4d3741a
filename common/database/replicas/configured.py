"""The replicas of READ_DATABASE_URLS: which one is asked, and what came of it."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, TypeVar
from weakref import WeakSet

import psycopg2
from flask import Flask, current_app

from common.database.connections import prepared_statements as prepared
from common.database.connections.session_settings import request_settings
from common.database.replicas.connection import (
    READ_IDENTITY,
    ReplicaConnection,
    SilentReplicaError,
)
from common.database.replicas.replica import (
    PrimaryError,
    Replica,
    ReplicaBusyError,
    is_of_the_statement,
)
from common.database.session import read_rows

EXTENSION = "replicas"
T = TypeVar("T")

# What is read: public rows, and people's own logs.
PUBLIC, LOG = "public", "log"
KINDS = (PUBLIC, LOG)

# What came of a read that a replica might have answered: `current` is its answer, and with all
# others the primary was asked instead.
CURRENT = "current"
BEHIND = "behind"
# Not asked, since it has failed or lagged just before.
PAUSED = "paused"
BUSY = "busy"
# A statement cancelled by the replica, no answer at all, and any other error.
REFUSED, SILENT, FAILED = "refused", "silent", "failed"
REASONS = (CURRENT, BEHIND, PAUSED, BUSY, REFUSED, SILENT, FAILED)


class Replicas:
    """Some replicas, asked in turn."""

    def __init__(self, each: Sequence[Replica]) -> None:
        self.each = tuple(each)
        self._turn: Iterator[int] = count()
        # (kind, reason) → how often. Threads may lose a count.
        self.counts: Counter[tuple[str, str]] = Counter()
        _configured.add(self)

    def __bool__(self) -> bool:
        return bool(self.each)

    def read(self, kind: str, read: Callable[[ReplicaConnection], T | None]) -> T | None:
        """What `read` makes of a replica's connection; None where the primary is to be asked.

        `read` returns None where the replica is not as new as it has to be. Raises nothing that a
        replica, or the network before it, can cause.
        """
        replica = self._choose(kind)
        if replica is None:
            self.counts[kind, PAUSED] += 1
            return None
        found: T | None = None
        try:
            found = replica.run(read)
            reason = BEHIND if found is None else CURRENT
        except ReplicaBusyError:
            reason = BUSY
        except SilentReplicaError:
            reason = SILENT
        except PrimaryError:
            # Nothing is wrong with the replica, and the primary's answer will say what is with it.
            reason = FAILED
        except psycopg2.Error as error:
            reason = REFUSED if is_of_the_statement(error) else FAILED
        if reason == CURRENT:
            replica.lag(kind).succeeded()
        elif reason == BEHIND:
            replica.lag(kind).failed()
        self.counts[kind, reason] += 1
        return found

    def _choose(self, kind: str) -> Replica | None:
        first = next(self._turn)
        for offset in range(len(self.each)):
            replica = self.each[(first + offset) % len(self.each)]
            if replica.lag(kind).admits() and replica.failures.admits():
                return replica
        return None

    def close_idle(self) -> None:
        """Close the connections that nobody uses."""
        for replica in self.each:
            replica.close_idle()


_configured: "WeakSet[Replicas]" = WeakSet()


def _reset_all() -> None:
    for configured in list(_configured):
        for replica in configured.each:
            replica.reset()


os.register_at_fork(after_in_child=_reset_all)


def init_app(app: Flask) -> None:
    """Know the replicas of `app`, if it has any; nothing is opened until the first read."""
    config = app.config
    settings = request_settings(config) | prepared.SESSION_SETTINGS
    app.extensions[EXTENSION] = Replicas(
        [
            Replica(
                number,
                url,
                settings,
                # A request holds one at a time, and the default is twice the threads and two.
                max(1, config["DATABASE_POOL_SIZE"] // 2),
                config["READ_DATABASE_TIMEOUT_MS"] / 1000,
                _read_identity,
            )
            for number, url in enumerate(config["READ_DATABASE_URLS"] or (), 1)
        ]
    )


def _read_identity() -> int:
    """The primary's system identifier. Raises psycopg2.Error."""
    identity: int = read_rows(READ_IDENTITY)[0][0]
    return identity


def replicas() -> Replicas:
    """The current application's replicas; false where there are none."""
    configured: Any = current_app.extensions[EXTENSION]
    assert isinstance(configured, Replicas)
    return configured
