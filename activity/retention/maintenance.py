"""Retention as the service enforces it by itself, in short steps, for all processes together.

The queue's writer calls `maintain` once a day, and again soon while something is left to do. A
step is one transaction; an advisory lock lets one process at a time take one, and a row in the
database says how far the slowest task has come.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text

from activity.partitions import DEFAULT_PARTITION, owns_partitions
from activity.retention.purge import drop_month, expired_months
from activity.uuid_time import EPOCH, MICROSECOND, lowest_id
from common import clock

# Any fixed number of our own.
MAINTENANCE_LOCK = 7_052_114_034
BATCH = 2_000
# So that the events waiting meanwhile wait for a fraction of a second.
STEPS_AT_ONCE = 5
# A batch is sent again within minutes of a lost answer, or not at all.
RECEIPT_LIFETIME = timedelta(days=30)
ADDRESSES = "addresses"


class Retention(NamedTuple):
    """Days until an event expires, and until its address and user agent do; 0: never."""

    event_days: int = 0
    address_days: int = 0


DELETE_BATCH = {
    "events": f"""
        delete from {DEFAULT_PARTITION} where ctid in (
            select ctid from {DEFAULT_PARTITION} where "timestamp" < :cut limit :size
        )""",
    "counts": """
        delete from activity_daily_counts where ctid in (
            select ctid from activity_daily_counts where day < cast(:cut as date) limit :size
        )""",
    "receipts": """
        delete from activity_receipts where ctid in (
            select ctid from activity_receipts where received_at < :cut limit :size
        )""",
}

# Ids are UUIDv7, so the primary key reads rows in the order of their time.
ERASE_ADDRESSES = text("""
    with batch as materialized (
        select id, "timestamp" from activity_events
        where "timestamp" >= :since and "timestamp" < :until and id >= :lowest
        order by id limit :size
    ), erased as (
        update activity_events e set ip_address = null, user_agent = null
        from batch where e.id = batch.id and e."timestamp" = batch."timestamp"
            and (e.ip_address is not null or e.user_agent is not null)
    )
    select count(*), max("timestamp") from batch
""")
READ_PROGRESS = text("select done_until from activity_maintenance where task = :task")
WRITE_PROGRESS = text("""
    insert into activity_maintenance as m (task, done_until) values (:task, :done_until)
    on conflict (task) do update set done_until = excluded.done_until
""")


def maintain(engine: Engine, retention: Retention) -> bool:
    """Do some steps of what is due; whether more is left. Raises SQLAlchemyError."""
    return all(_step(engine, retention) for _ in range(STEPS_AT_ONCE))


def _step(engine: Engine, retention: Retention) -> bool:
    """One transaction of work; False when there was none left, or another process is at it."""
    now = clock.now()
    months = []
    # What may not drop them leaves them to `flask maintain`.
    if retention.event_days and owns_partitions(engine):
        months = expired_months(engine, now - timedelta(days=retention.event_days))
    with engine.begin() as connection:
        locked = text("select pg_try_advisory_xact_lock(:key)")
        if not connection.scalar(locked, {"key": MAINTENANCE_LOCK}):
            return False
        if months:
            drop_month(connection, months[0])
            return True
        return _delete_batches(connection, retention, now) | (
            bool(retention.address_days)
            and _erase_addresses(connection, now - timedelta(days=retention.address_days))
        )


def _delete_batches(connection: Connection, retention: Retention, now: datetime) -> bool:
    """A batch of everything that is too old; whether any of them was a full one."""
    cuts = {"receipts": now - RECEIPT_LIFETIME}
    if retention.event_days:
        cuts["events"] = cuts["counts"] = now - timedelta(days=retention.event_days)
    deleted = [
        connection.execute(text(DELETE_BATCH[task]), {"cut": cut, "size": BATCH}).rowcount
        for task, cut in cuts.items()
    ]
    return max(deleted) >= BATCH


def _erase_addresses(connection: Connection, until: datetime) -> bool:
    """A batch of addresses and user agents of events before `until`; whether it was a full one."""
    since = connection.scalar(READ_PROGRESS, {"task": ADDRESSES}) or EPOCH
    if since >= until:
        return False
    bounds = {"since": since, "until": until, "lowest": str(lowest_id(since)), "size": BATCH}
    number, latest = connection.execute(ERASE_ADDRESSES, bounds).one()
    is_full = number >= BATCH
    # Events of one microsecond are never so many that a batch holds nothing else.
    done_until = max(latest, since + MICROSECOND) if is_full else until
    connection.execute(WRITE_PROGRESS, {"task": ADDRESSES, "done_until": done_until})
    return is_full
