"""Deletes what is older than a cutoff: whole partitions, rows of the default one, receipts, counts."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from psycopg2 import errorcodes
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from activity.partitions import (
    DEFAULT_PARTITION,
    PARTITION_LOCK,
    existing_partitions,
    month_after,
    month_named,
)
from common import clock

TRIES = 5
# How long an idempotency key stands for the event it stored.
KEY_LIFETIME = timedelta(days=1)

OLD_RECEIPTS = (
    "activity_receipts where received_at < :cut"
    " or (received_at < :keys_cut and key like 'idempotency:%')"
)


class PurgeResult(NamedTuple):
    """What was, or would be, deleted."""

    what: str
    rows: int


def purge(engine: Engine, cut: datetime, dry_run: bool) -> Iterator[PurgeResult]:
    """Delete what is older than `cut`, yielding each result once it is committed.

    A month is dropped when all of it is older: that takes milliseconds and leaves nothing to
    vacuum.
    """
    for name in expired_months(engine, cut):
        yield _drop(engine, name, dry_run)
    values = {"cut": cut, "keys_cut": clock.now() - KEY_LIFETIME}
    for what, rows in (
        (
            "events without a month of their own",
            f'{DEFAULT_PARTITION} where "timestamp" < :cut',
        ),
        ("receipts", OLD_RECEIPTS),
        ("daily counts", "activity_daily_counts where day < cast(:cut as date)"),
    ):
        verb = "select count(*) from" if dry_run else "delete from"
        with engine.begin() as connection:
            connection.execute(text("set local statement_timeout = 0"))
            result = connection.execute(text(f"{verb} {rows}"), values)
            yield PurgeResult(what, result.scalar_one() if dry_run else result.rowcount)


def expired_months(engine: Engine, cut: datetime) -> list[str]:
    """The partitions whose whole month is older, oldest first."""
    with engine.connect() as connection:
        names = sorted(existing_partitions(connection))
    months = [(name, month_named(name)) for name in names]
    return [name for name, month in months if month is not None and month_after(month) <= cut]


def _drop(engine: Engine, name: str, dry_run: bool) -> PurgeResult:
    """Count a partition's rows and drop it, retrying while requests hold its lock."""
    for left in reversed(range(TRIES)):
        try:
            with engine.begin() as connection:
                connection.execute(text("set local statement_timeout = 0"))
                rows = connection.scalar(text(f"select count(*) from {name}")) or 0
                if not dry_run:
                    drop_month(connection, name)
            break
        except DBAPIError as error:
            if left == 0 or getattr(error.orig, "pgcode", "") != errorcodes.LOCK_NOT_AVAILABLE:
                raise
            time.sleep(1)
    return PurgeResult(name, rows)


def drop_month(connection: Connection, name: str) -> None:
    """Drop a partition, taking the locks in the order of the application's transactions.

    The foreign key goes with the table, which locks the accounts' table briefly; no
    request waits for that longer than the short lock timeout.
    """
    connection.execute(text("set local lock_timeout = '2s'"))
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": PARTITION_LOCK})
    connection.execute(text("lock table users in access exclusive mode"))
    connection.execute(text(f"drop table if exists {name}"))
