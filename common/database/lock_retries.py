"""Migrations beside traffic: a short lock timeout and retries, so that no query queues.

A statement that waits for an exclusive lock makes every later query of its table wait behind it.
"""

import time
from collections.abc import Callable

import click
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

LOCK_TIMEOUT_MS = 2000
ATTEMPTS = 30
PAUSE_SECONDS = 2.0
OLDEST_TRANSACTIONS = text("""
select pid, coalesce(nullif(application_name, ''), 'unnamed'), extract(epoch from now() - xact_start)
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
  and xact_start < now() - interval '1 second'
order by xact_start limit 5
""")


def limit_lock_waits(connection: Connection) -> None:
    """From now on this session gives up a lock that it has waited for LOCK_TIMEOUT_MS."""
    connection.execute(text(f"set lock_timeout = {LOCK_TIMEOUT_MS}"))


def migrate_with_retries(
    connection: Connection,
    migrate: Callable[[], None],
    *,
    attempts: int = ATTEMPTS,
    pause: float = PAUSE_SECONDS,
) -> None:
    """Call `migrate` until it gets its locks. What it has committed before is not done again.

    Raises click.ClickException, which says what to do, when others hold the locks all the time.
    """
    for attempt in range(1, attempts + 1):
        limit_lock_waits(connection)
        connection.commit()
        try:
            migrate()
            return
        except OperationalError as error:
            connection.rollback()
            if not isinstance(error.orig, LockNotAvailable):
                raise
            holders = _holders(connection)
            if attempt == attempts:
                raise click.ClickException(_advice(attempts, holders)) from None
            click.echo(
                f"A table is in use; trying again ({attempt} of {attempts}). {holders}",
                err=True,
            )
            time.sleep(pause)


def _holders(connection: Connection) -> str:
    """The sessions that may hold the lock; not their statements, which quote values."""
    rows = connection.execute(OLDEST_TRANSACTIONS).all()
    connection.rollback()
    shown = [f"process {pid} ({name}) for {age:.0f} s" for pid, name, age in rows]
    return (
        f"In a transaction: {', '.join(shown)}." if shown else "No long transaction is to be seen."
    )


def _advice(attempts: int, holders: str) -> str:
    return (
        f"A migration did not get its lock in {attempts} attempts of {LOCK_TIMEOUT_MS // 1000} s."
        f" {holders} Wait for these sessions or end them (`select pg_terminate_backend(process)`), then"
        " run `flask db upgrade` again: it goes on where it stopped."
    )
