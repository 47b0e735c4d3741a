"""Monthly partitions of the log: created ahead, dropped when old; a default one for other rows."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, text

from common import clock

MONTHS_AHEAD = 3
# Any fixed number of our own: its holder alone changes partitions.
PARTITION_LOCK = 7_052_114_032
DEFAULT_PARTITION = "activity_events_default"
OWNS = text("""
    select pg_has_role(relowner, 'usage') and has_schema_privilege(relnamespace, 'create')
    from pg_class where oid = cast('activity_events' as regclass)""")
PARTITION = re.compile(r"activity_events_([0-9]{4})_([0-9]{2})")


def month_of(timestamp: datetime) -> datetime:
    """The first instant of the timestamp's month, in UTC."""
    timestamp = timestamp.astimezone(UTC)
    return datetime(timestamp.year, timestamp.month, 1, tzinfo=UTC)


def month_after(month: datetime, months: int = 1) -> datetime:
    years, zero_based = divmod(month.month - 1 + months, 12)
    return month.replace(year=month.year + years, month=zero_based + 1)


def months_between(first: datetime, last: datetime) -> Iterator[datetime]:
    """Every month from that of `first` to that of `last`."""
    month = month_of(first)
    while month <= last:
        yield month
        month = month_after(month)


def partition_name(month: datetime) -> str:
    return f"activity_events_{month:%Y_%m}"


def month_named(partition: str) -> datetime | None:
    """The month a partition is named for; None for the default one."""
    match = PARTITION.fullmatch(partition)
    return datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC) if match else None


def existing_partitions(connection: Connection) -> set[str]:
    return set(
        connection.scalars(
            text(
                "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                " where i.inhparent = cast('activity_events' as regclass)"
            )
        )
    )


def ensure_partitions(connection: Connection, first: datetime, last: datetime) -> list[str]:
    """Make the partitions of all months from `first` to `last`; the names of those made.

    Part of the caller's transaction. Rows of such a month that the default partition took
    move to their own.
    """
    wanted = {partition_name(month): month for month in months_between(first, last)}
    if not wanted.keys() - existing_partitions(connection):
        return []
    # One process makes them; the others wait here, and then find nothing missing.
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": PARTITION_LOCK})
    missing = sorted(wanted.keys() - existing_partitions(connection))
    if missing:
        # In the order of the application's own transactions (accounts, then events), so that
        # the two wait for each other and never deadlock.
        connection.execute(text("lock table users in share row exclusive mode"))
        # The whole log, not only the default partition: a row already on its way there would
        # find itself shut out of it (PostgreSQL refuses it) instead of taking the new way.
        connection.execute(text("lock table activity_events in access exclusive mode"))
    for name in missing:
        _make(connection, name, wanted[name])
    return missing


def _make(connection: Connection, name: str, month: datetime) -> None:
    start, end = month.isoformat(), month_after(month).isoformat()
    span = f"\"timestamp\" >= '{start}' and \"timestamp\" < '{end}'"
    connection.execute(text(f"create table {name} (like activity_events including all)"))
    # The rows must have left the default partition before the new one may claim their month.
    connection.execute(
        text(
            f"with moved as (delete from {DEFAULT_PARTITION} where {span} returning *)"
            f" insert into {name} select * from moved"
        )
    )
    connection.execute(
        text(
            f"alter table activity_events attach partition {name}"
            f" for values from ('{start}') to ('{end}')"
        )
    )


def owns_partitions(engine: Engine) -> bool:
    """Whether the session's role may make and drop partitions: the owner's privilege, and no other's."""
    with engine.connect() as connection:
        return bool(connection.scalar(OWNS))


def keep_partitions_ahead(engine: Engine) -> list[str]:
    """Make this month's partition and those of the months ahead, in a transaction of its own.

    A role that may not leaves it to `flask maintain`, which the owner runs.
    """
    today = clock.now()
    if not owns_partitions(engine):
        return []
    with engine.begin() as connection:
        return ensure_partitions(connection, today, month_after(month_of(today), MONTHS_AHEAD))
