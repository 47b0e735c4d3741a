"""Statements prepared once per connection: afterwards only their values travel.

A page's statement is a hundred times longer than its values, which otherwise are sent, and the
statement parsed, with every request. What a connection keeps is bounded in bytes of SQL: each costs
its backend some eighty bytes of memory, so that the bound below is about ten megabytes. Behind a
pooler of transactions, where the next statement may meet another backend, none is prepared.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import psycopg2

from common.database.connections.connection import BoundedConnection

# Every read has an index. The planner ignores what it costs to fetch a TOASTed document, and would
# scan all of a small table instead. Sent with each statement and not set for a session, as
# transactions, which may have to scan, use the same connections.
READ_SETTING = "enable_seqscan=off"
READ_PLANS = f"set local {READ_SETTING}; "
# A search's statement besides in one process: starting others takes longer than most searches, and
# processors that are free answer other requests.
SEARCH_PLANS = f"{READ_PLANS}set local max_parallel_workers_per_gather=0; "
# A statement that finds its rows by a key has one good plan, whatever its values, and planning takes
# longer than running it. Its plan is made once per connection.
KEYED_PLANS = f"{READ_PLANS}set local plan_cache_mode=force_generic_plan; "
# A statement that begins so walks along an index of many partitions: to plan them takes longer than the
# walk. It is planned once as well, without sorting where an index has the order asked for. It says
# so itself, as it may be read at a replica or in a session.
INDEX_WALK = "/* index walk */ "
INDEX_WALK_PLANS = (
    f"{KEYED_PLANS}set local enable_sort=off; set local enable_incremental_sort=off; "
)
# Every other plan is made for the values at hand: what is rare decides which index is walked.
SESSION_SETTINGS = {"plan_cache_mode": "force_custom_plan"}
MAX_STATEMENTS = 128
MAX_SQL_BYTES = 131_072
# A statement used once is likely never used again; it is not worth a place.
MIN_USES = 2
PLACEHOLDER = re.compile(r"%\(([a-z0-9_]+)\)s")
# SQLSTATE invalid_sql_statement_name and duplicate_prepared_statement: a pooler between us and the
# server may have given this connection another backend.
UNKNOWN_OR_DUPLICATE = ("26000", "42P05")


class Statement:
    """A statement in psycopg2's style with its name, its PREPARE and its EXECUTE."""

    def __init__(self, sql: str) -> None:
        names = list(dict.fromkeys(PLACEHOLDER.findall(sql)))
        numbers = {name: f"${number}" for number, name in enumerate(names, 1)}
        body = PLACEHOLDER.sub(lambda found: numbers[found[1]], sql).replace("%%", "%")
        values = ", ".join(f"%({each})s" for each in names)
        self.name = f"s_{blake2b(sql.encode(), digest_size=12).hexdigest()}"
        self.prepare = f"prepare {self.name} as {body}"
        self.execute = f"execute {self.name}" + (f" ({values})" if names else "")
        self.size = len(body.encode())
        # In this process. Threads may lose a count, and prepare a use later.
        self.uses = 0


@lru_cache(1024)
def _statement(sql: str) -> Statement:
    return Statement(sql)


def run(
    connection: BoundedConnection,
    sql: str,
    values: Mapping[str, Any],
    plans: str = READ_PLANS,
) -> list[tuple[Any, ...]]:
    """All rows of one statement, planned as `plans` says. Raises psycopg2.Error."""
    cursor = connection.cursor()
    if sql.startswith(INDEX_WALK):
        plans = INDEX_WALK_PLANS
    try:
        cursor.execute(plans + as_executed(connection, sql, cursor.execute), values)
    except psycopg2.Error as error:
        if error.pgcode not in UNKNOWN_OR_DUPLICATE:
            raise
        cursor.execute("deallocate all")
        connection.prepared.clear()
        cursor.execute(plans + as_executed(connection, sql, cursor.execute), values)
    return list(cursor.fetchall())


def as_executed(connection: BoundedConnection, sql: str, execute: Callable[[str], object]) -> str:
    """What to send for a statement: its EXECUTE, or itself where it is not worth a place.

    Prepared first, by `execute`, where the connection does not have it.
    """
    if not connection.has_session:
        return sql
    statement = _statement(sql)
    statement.uses += 1
    if statement.uses < MIN_USES or statement.size > MAX_SQL_BYTES:
        return sql
    # In order of use.
    prepared = connection.prepared
    size = prepared.pop(statement.name, None)
    if size is None:
        evicted = _to_evict(prepared, statement.size)
        for name in evicted:
            del prepared[name]
        execute("; ".join([*(f"deallocate {name}" for name in evicted), statement.prepare]))
    prepared[statement.name] = statement.size
    return statement.execute


def _to_evict(prepared: Mapping[str, int], size: int) -> list[str]:
    """The statements used longest ago, as many as make room for one of `size` bytes."""
    evicted: list[str] = []
    count, total = len(prepared), sum(prepared.values())
    for name, each in prepared.items():
        if count < MAX_STATEMENTS and total + size <= MAX_SQL_BYTES:
            break
        evicted.append(name)
        count, total = count - 1, total - each
    return evicted
