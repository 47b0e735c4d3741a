"""Recurring upkeep: what domains register, `flask maintain` that runs it, and when each last succeeded.

What a task does is its domain's; here is only the frame around it.
"""

from common.operations.maintenance.command import init_app
from common.operations.maintenance.tasks import MaintenanceTask, add_task

__all__ = ["MaintenanceTask", "add_task", "init_app"]
