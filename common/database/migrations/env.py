"""Alembic's environment: runs migrations on the application's own engine."""

import time
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from common.database.command_errors import require_session
from common.database.connections.session_settings import without_limits
from common.database.lock_retries import limit_lock_waits, migrate_with_retries

PARTITIONS = ("activity_events_", "public_search_")
MIGRATION_LOCK = 7_052_114_031
POLL_SECONDS = 0.5
# The last is set anew before each attempt (`limit_lock_waits`), and must not stay either.
LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Of a partitioned table only the parent belongs to the schema: months come and go with time."""
    return not (kind == "table" and reflected and (name or "").startswith(PARTITIONS))


def _lock(connection: Connection) -> None:
    """Take the lock by polling: a waiting statement would hold a snapshot, for whose end an
    index that the first machine builds concurrently would wait in turn."""
    taken = text("select pg_try_advisory_lock(:key)")
    while not connection.scalar(taken, {"key": MIGRATION_LOCK}):
        connection.rollback()
        time.sleep(POLL_SECONDS)
    connection.commit()


def run() -> None:
    require_session("db")
    database = current_app.extensions["migrate"].db
    with database.engine.connect() as connection, without_limits(connection, *LIMITS):
        # Several machines may deploy at once; the second waits and finds nothing left to do.
        _lock(connection)
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            include_object=include_object,
            # Each is committed by itself, so that one may build indexes concurrently.
            transaction_per_migration=True,
            # One may wait longer for what nobody queues behind; the next one starts anew.
            on_version_apply=lambda ctx, **_: limit_lock_waits(ctx.connection),
            **current_app.extensions["migrate"].configure_args,
        )

        def migrate() -> None:
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()

        try:
            migrate_with_retries(connection, migrate)
        finally:
            connection.rollback()
            connection.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()


if context.is_offline_mode():
    raise SystemExit("Migrations need a database; run them without --sql.")
run()
