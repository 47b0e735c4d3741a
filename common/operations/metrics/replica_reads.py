"""Metrics of replicas: what came of the reads they might answer, and how far behind they are."""

from collections.abc import Iterator
from typing import Any

import psycopg2
from flask import Flask

from common.database.replicas import (
    KINDS,
    REASONS,
    PrimaryError,
    ReplicaBusyError,
    Replicas,
    replicas,
)
from common.database.session import read_rows
from common.operations.metrics.registry import Counter, GaugeMetricFamily
from common.operations.metrics.sampling import sampler_of

READS = Counter(
    "database_replica_reads",
    "Statements that a replica might answer, by who did and why",
    ["kind", "source", "reason"],
)
READ_POSITION = "select pg_current_wal_insert_lsn()::text"
READ_LAG = """
    select greatest(0, pg_wal_lsn_diff(%(lsn)s::pg_lsn, pg_last_wal_replay_lsn()))::float"""


def init_app(app: Flask) -> None:
    """Count the reads of an application that has replicas. To be called after sampling's own."""
    with app.app_context():
        configured = replicas()
    if not configured:
        return
    for kind in KINDS:
        for reason in REASONS:
            source = "replica" if reason == "current" else "primary"
            sampler_of(app).track_counter(
                READS.labels(kind, source, reason), _reader(configured, kind, reason)
            )


def _reader(configured: Replicas, kind: str, reason: str) -> Any:
    return lambda: float(configured.counts[kind, reason])


def replica_gauges() -> Iterator[GaugeMetricFamily]:
    """Of each of the application's replicas, by its place in READ_DATABASE_URLS."""
    is_up = GaugeMetricFamily(
        "database_read_replica_up", "Whether the replica answers", labels=["replica"]
    )
    lag = GaugeMetricFamily(
        "database_read_replica_lag_bytes",
        "WAL of the primary that the replica has not replayed",
        labels=["replica"],
    )
    configured = replicas()
    position = _position() if configured else None
    for replica in configured.each if position is not None else ():
        try:
            ((behind,),) = replica.run(
                lambda connection: connection.rows(READ_LAG, {"lsn": position})
            )
            is_up.add_metric([str(replica.number)], 1)
            lag.add_metric([str(replica.number)], behind)
        except PrimaryError:
            # Whether it is one is not known now.
            continue
        except ReplicaBusyError:
            is_up.add_metric([str(replica.number)], 1)
        except psycopg2.Error:
            is_up.add_metric([str(replica.number)], 0)
    yield is_up
    yield lag


def _position() -> str | None:
    try:
        position: str = read_rows(READ_POSITION)[0][0]
    except psycopg2.Error:
        return None
    return position
