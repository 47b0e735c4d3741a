"""Statements prepared once per connection: afterwards only their values travel.

A page's statement is a hundred times longer than its values, which otherwise are sent, and the
statement parsed, with every request.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import psycopg2

from common.database.connection import BoundedConnection

# Every plan is made for the values at hand: what is rare decides which index is walked.
SESSION_SETTINGS = {"plan_cache_mode": "force_custom_plan"}
MAX_STATEMENTS = 256
PLACEHOLDER = re.compile(r"%\(([a-z0-9_]+)\)s")
# SQLSTATE invalid_sql_statement_name and duplicate_prepared_statement: a pooler between us and the
# server may have given this connection another backend.
UNKNOWN_OR_DUPLICATE = ("26000", "42P05")


@lru_cache(1024)
def _compile(sql: str) -> tuple[str, str, str]:
    """The name of a statement in psycopg2's style, its PREPARE and its EXECUTE."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(sql)))
    numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
    name = f"s_{blake2b(sql.encode(), digest_size=12).hexdigest()}"
    body = PLACEHOLDER.sub(lambda found: numbers[found[1]], sql).replace("%%", "%")
    values = ", ".join(f"%({each})s" for each in names)
    return name, f"prepare {name} as {body}", f"execute {name}" + (f" ({values})" if names else "")


def run(
    connection: BoundedConnection, sql: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """All rows of one statement. Raises psycopg2.Error."""
    try:
        return _run(connection, sql, values)
    except psycopg2.Error as error:
        if error.pgcode not in UNKNOWN_OR_DUPLICATE:
            raise
        _deallocate_all(connection)
        return _run(connection, sql, values)


def _run(
    connection: BoundedConnection, sql: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    name, prepare, execute = _compile(sql)
    cursor = connection.cursor()
    if name not in connection.prepared:
        if len(connection.prepared) >= MAX_STATEMENTS:
            _deallocate_all(connection)
        cursor.execute(prepare)
        connection.prepared.add(name)
    cursor.execute(execute, values)
    return list(cursor.fetchall())


def _deallocate_all(connection: BoundedConnection) -> None:
    connection.cursor().execute("deallocate all")
    connection.prepared.clear()
