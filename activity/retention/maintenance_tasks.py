"""The log's parts of `flask maintain`.

The service expires the log by itself too (`maintenance.py`), but can neither make nor drop months
where its role is not the owner.
"""

from flask import Flask, current_app

from activity.partitions import keep_partitions_ahead
from activity.retention.maintenance import STEPS_AT_ONCE, Retention, maintain
from common.database.session import db
from common.operations.maintenance import MaintenanceTask, add_task


def init_app(app: Flask) -> None:
    add_task(
        app,
        MaintenanceTask("partitions", "makes the log's months ahead", make_months_ahead),
    )
    add_task(
        app,
        MaintenanceTask(
            "log", "expires events, addresses, receipts and daily counts that are too old", expire
        ),
    )


def make_months_ahead() -> str:
    return f"{len(keep_partitions_ahead(db.engine))} months made"


def expire() -> str:
    """Do all that is due. Another process that is at it meanwhile does its share."""
    retention = Retention(
        current_app.config["ACTIVITY_RETENTION_DAYS"], current_app.config["ACTIVITY_ADDRESS_DAYS"]
    )
    rounds = 1
    while maintain(db.engine, retention):
        rounds += 1
    return f"done in at most {rounds * STEPS_AT_ONCE} transactions"
