"""Runs tasks one after the other, on one machine at a time."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import structlog
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from common.clock import now
from common.database.command_errors import require_session
from common.database.session import db
from common.operations.maintenance.models import MaintenanceRun
from common.operations.maintenance.tasks import MaintenanceTask

log = structlog.get_logger()

# Any fixed number of our own.
MAINTAIN_LOCK = 7_052_114_035


class Outcome(NamedTuple):
    """How a task ended: what it says it did, or the error that stopped it."""

    task: MaintenanceTask
    report: str
    error: Exception | None = None


@contextmanager
def sole_runner() -> Iterator[bool]:
    """Whether nobody else runs tasks, and nobody else does within the block."""
    require_session("maintain")
    # Without a transaction, which would be ended for idling while a task takes long.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        key = {"key": MAINTAIN_LOCK}
        if not connection.scalar(text("select pg_try_advisory_lock(:key)"), key):
            yield False
            return
        try:
            yield True
        finally:
            connection.execute(text("select pg_advisory_unlock(:key)"), key)


def run_tasks(tasks: Iterable[MaintenanceTask]) -> Iterator[Outcome]:
    """The outcome of each task as it ends. One that fails does not keep the others from running."""
    for task in tasks:
        began = time.monotonic()
        try:
            report = task.run()
            db.session.rollback()
            _store_success(task, time.monotonic() - began)
            yield Outcome(task, report)
        except Exception as error:
            db.session.rollback()
            log.error("maintenance task failed", task=task.name, error=type(error).__name__)
            yield Outcome(task, "failed", error)


def _store_success(task: MaintenanceTask, seconds: float) -> None:
    values = {"succeeded_at": now(), "seconds": seconds}
    statement = insert(MaintenanceRun).values(task=task.name, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["task"], set_=values))
    db.session.commit()
