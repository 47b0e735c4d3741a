"""The latest success of each task, for Prometheus: read from the database, as any machine may have run it."""

from collections.abc import Iterator

import psycopg2
from flask import current_app

from common.database.session import read_rows
from common.operations.maintenance.tasks import tasks_of
from common.operations.metrics.registry import (
    CollectorRegistry,
    GaugeMetricFamily,
    generate_latest,
)

READ_RUNS = "select task, extract(epoch from succeeded_at)::float, seconds from maintenance_runs"


class MaintenanceCollector:
    """A collector for one exposition."""

    def __init__(self, runs: dict[str, tuple[float, float]]) -> None:
        self._runs = runs

    def collect(self) -> Iterator[GaugeMetricFamily]:
        succeeded = GaugeMetricFamily(
            "maintenance_last_success_timestamp_seconds",
            "When a task of `flask maintain` last succeeded; 0: never",
            labels=["task"],
        )
        took = GaugeMetricFamily(
            "maintenance_last_duration_seconds",
            "How long it took then",
            labels=["task"],
        )
        for task, (timestamp, seconds) in self._runs.items():
            succeeded.add_metric([task], timestamp)
            took.add_metric([task], seconds)
        yield from (succeeded, took)


def maintenance_exposition() -> bytes:
    """In Prometheus' text format; empty while the database is away."""
    try:
        rows = read_rows(READ_RUNS)
    except psycopg2.Error:
        return b""
    runs = dict.fromkeys(tasks_of(current_app), (0.0, 0.0))
    runs |= {task: (succeeded_at, seconds) for task, succeeded_at, seconds in rows}
    registry = CollectorRegistry(auto_describe=False)
    registry.register(MaintenanceCollector(runs))
    return generate_latest(registry)
