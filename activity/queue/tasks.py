"""What other domains have the queue's writer do before a batch: upkeep of their own tables."""

from collections.abc import Callable, Sequence

import structlog
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

log = structlog.get_logger()

EXTENSION = "activity_queue_tasks"
# Decides by itself whether it is due.
Task = Callable[[Engine], None]


def add_task(app: Flask, task: Task) -> None:
    """Have `task` called by the writer of each process before each batch."""
    tasks_of(app).append(task)


def tasks_of(app: Flask) -> list[Task]:
    """The tasks, also of domains that are plugged in later."""
    tasks: list[Task] = app.extensions.setdefault(EXTENSION, [])
    return tasks


def run_tasks(tasks: Sequence[Task], engine: Engine) -> None:
    """Run what is due. A failure is logged: the events do not wait for it."""
    for task in tasks:
        try:
            task(engine)
        except SQLAlchemyError as error:
            log.warning("task failed", task=str(task), error=type(error).__name__)
