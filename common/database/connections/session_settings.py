"""What the service relies on in a PostgreSQL session: set when a connection opens, then checked.

Set by statements and not by `options` in the connection request, which poolers refuse or ignore. A
default of the server, the database or the role cannot change any of them.

A pooler of transactions has a session of its own choice for each transaction. There nothing is set:
the settings are stored with the role (`flask role-settings`), and checked all the same.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg2
from sqlalchemy import Connection, text

OLDEST_SERVER = 15
# The values of DATABASE_POOLING.
SESSION, TRANSACTION = "session", "transaction"
IDLE_IN_TRANSACTION_MS = 30_000
# By the names that pg_settings has, with the values that it shows.
RELIED_ON = {
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "default_transaction_deferrable": "off",
    "default_transaction_isolation": "read committed",
    "extra_float_digits": "1",
    "jit": "off",
    "standard_conforming_strings": "on",
}
# In an explicit transaction, as a pooler of statements, which has no use here, refuses those.
BEGIN = "begin; "
APPLY = """
select set_config(name, setting, false)
from unnest(%(names)s::text[], %(values)s::text[]) as wanted (name, setting);
"""
READ = """
select current_setting('server_version_num')::int / 10000, getdatabaseencoding(),
    pg_backend_pid(),
    (select extract(epoch from backend_start)::text from pg_stat_activity
     where pid = pg_backend_pid()),
    (select json_object_agg(name, setting) from pg_settings where name = any(%(names)s)),
    current_user
"""


class UnusableDatabaseError(psycopg2.OperationalError):
    """A database, or a pooler in front of it, that the service must not work with."""


def request_settings(config: Mapping[str, Any]) -> dict[str, str]:
    """The settings of a session that serves requests: every wait in it is bounded."""
    return RELIED_ON | {
        "statement_timeout": str(config["STATEMENT_TIMEOUT_MS"]),
        "lock_timeout": str(config["LOCK_TIMEOUT_MS"]),
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS),
    }


def apply_settings(
    cursor: Any, settings: Mapping[str, str], pooling: str = SESSION
) -> tuple[int, str | None]:
    """Set and check the session of an autocommit cursor, and return which backend it is.

    The backend is its process id and start time, which never return together. Raises
    UnusableDatabaseError when the database is unfit, and psycopg2.Error.
    """
    values = {"names": list(settings), "values": list(settings.values())}
    cursor.execute((APPLY if pooling == SESSION else BEGIN) + READ, values)
    version, encoding, pid, started, found, role = cursor.fetchone()
    if pooling != SESSION:
        cursor.execute("commit")
    if version < OLDEST_SERVER:
        raise UnusableDatabaseError(
            f"the server is PostgreSQL {version}; it must be {OLDEST_SERVER} or newer"
        )
    if encoding != "UTF8":
        raise UnusableDatabaseError(
            f"the database has the encoding {encoding}; it must be UTF8, which is chosen when a"
            " database is created"
        )
    different = {name: found.get(name) for name in settings if found.get(name) != settings[name]}
    if different:
        shown = ", ".join(f"{name} is {value}" for name, value in sorted(different.items()))
        raise UnusableDatabaseError(
            f"the session's settings cannot be set: {shown}"
            if pooling == SESSION
            else f"the role {role} lacks settings of the service: {shown}; run what"
            f" `flask role-settings {role}` prints, and let the pooler connect anew"
        )
    return pid, started


@contextmanager
def without_limits(connection: Connection, *names: str) -> Iterator[None]:
    """Set these limits of time to none in the connection's session, and back before others use it.

    Commits at both ends. To reset them would not do: a session's own default is the server's.
    """
    found = text("select name, setting from pg_settings where name = any(:names)")
    rows = connection.execute(found, {"names": [*names]}).all()
    before: dict[str, str] = {name: value for name, value in rows}
    _set(connection, dict.fromkeys(before, "0"))
    try:
        yield
    finally:
        # What failed may have left its transaction unusable.
        connection.rollback()
        _set(connection, before)


def _set(connection: Connection, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        # As a statement of its own, which what reads migrations knows; the names are PostgreSQL's.
        connection.execute(text(f"set {name} = :value"), {"value": value})
    connection.commit()
