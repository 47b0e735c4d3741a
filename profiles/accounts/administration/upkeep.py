"""The accounts' part of `flask maintain`: tokens that nobody can use any more."""

from datetime import timedelta
from functools import partial

from flask import Flask
from sqlalchemy import text

from common.clock import now
from common.database.session import db
from common.operations.maintenance import MaintenanceTask, add_task

BATCH = 1_000
# A token of a session is refused from its end on; its row tells a while longer that it was one.
KEPT_AFTER = timedelta(days=1)
_DELETE = """
    delete from {table} where id in (
        select id from {table} where expires_at < :cut order by expires_at limit :size
        for update skip locked)"""


def init_app(app: Flask) -> None:
    for name, table, summary in (
        ("sessions", "refresh_tokens", "deletes refresh tokens that have expired"),
        ("tokens", "one_time_tokens", "deletes one-time tokens that have expired"),
    ):
        add_task(app, MaintenanceTask(name, summary, partial(delete_expired, table)))


def delete_expired(table: str) -> str:
    """Delete the expired rows of a table of tokens, batch by batch."""
    statement = text(_DELETE.format(table=table))
    number, batch = 0, BATCH
    while batch == BATCH:
        values = {"cut": now() - KEPT_AFTER, "size": BATCH}
        batch = db.session.connection().execute(statement, values).rowcount
        db.session.commit()
        number += batch
    return f"{number} deleted"
