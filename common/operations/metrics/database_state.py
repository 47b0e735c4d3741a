"""What only the database knows, and which build is asked: read when Prometheus scrapes."""

import platform
from collections.abc import Iterable, Iterator

import psycopg2
from flask import Flask, current_app

from common.database.session import read_rows
from common.operations.metrics.registry import (
    CollectorRegistry,
    GaugeMetricFamily,
    generate_latest,
)
from common.operations.metrics.replica_reads import replica_gauges
from common.operations.readiness import known_revisions

VERSION = "build_version"
# Rows counted in the log's default partition at most; one is one too many.
MOST_COUNTED = 10_000
# A snapshot holds back the cleaning of dead rows while its transaction or its replication slot lives.
# Without the role pg_monitor other roles' sessions and standbys are invisible.
READ = f"""
    select
        (select count(*)::float from (
            select from activity_events_default limit {MOST_COUNTED}) counted),
        (select coalesce(max(extract(epoch from now() - xact_start)), 0)::float
            from pg_stat_activity where backend_xmin is not null and pid <> pg_backend_pid()),
        (select max(coalesce(extract(epoch from replay_lag), 0))::float from pg_stat_replication)
"""


class StateCollector:
    """A collector for one exposition."""

    def __init__(self, version: str, row: tuple[float, float, float | None] | None) -> None:
        self._version, self._row = version, row

    def collect(self) -> Iterator[GaugeMetricFamily]:
        build = GaugeMetricFamily(
            "build_info",
            "Always 1; its labels name the build",
            labels=["version", "schema", "python"],
        )
        schema, _ = known_revisions()
        build.add_metric([self._version, schema or "", platform.python_version()], 1)
        yield build
        yield _gauge("database_up", "Whether the database answers", float(self._row is not None))
        if self._row is None:
            return
        default_rows, oldest_snapshot, lag = self._row
        yield _gauge(
            "activity_default_partition_rows",
            f"Events in no month's partition, up to {MOST_COUNTED}",
            default_rows,
        )
        yield _gauge(
            "database_oldest_snapshot_seconds",
            "Age of the oldest snapshot",
            oldest_snapshot,
        )
        if lag is not None:
            yield _gauge("database_replica_lag_seconds", "Replay lag of the slowest standby", lag)


class Gauges:
    """A collector of families that were read before."""

    def __init__(self, families: Iterable[GaugeMetricFamily]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[GaugeMetricFamily]:
        return self._families


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def state_exposition() -> bytes:
    """In Prometheus' text format."""
    try:
        (row,) = read_rows(READ)
    except psycopg2.Error:
        row = None
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StateCollector(current_app.extensions[VERSION], row))
    registry.register(Gauges(replica_gauges()))
    return generate_latest(registry)


def init_app(app: Flask, version: str) -> None:
    app.extensions[VERSION] = version
