"""The tasks of an application, registered by its domains."""

from collections.abc import Callable
from typing import NamedTuple

from flask import Flask

EXTENSION = "maintenance_tasks"


class MaintenanceTask(NamedTuple):
    """A part of the upkeep.

    `run` commits what it does in short transactions, may be interrupted and run again, and says in a
    few words what it did.
    """

    name: str
    summary: str
    run: Callable[[], str]


def add_task(app: Flask, task: MaintenanceTask) -> None:
    tasks_of(app)[task.name] = task


def tasks_of(app: Flask) -> dict[str, MaintenanceTask]:
    """By name, in the order in which domains were plugged in."""
    tasks: dict[str, MaintenanceTask] = app.extensions.setdefault(EXTENSION, {})
    return tasks
