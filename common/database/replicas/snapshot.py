"""A statement at a replica together with a condition on its snapshot: the answer tells by itself
whether it is new enough."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import psycopg2

from common.database.replicas.configured import replicas
from common.database.replicas.connection import ReplicaConnection

CACHED_STATEMENTS = 512
EXPECTED = "expected_state"

Rows = list[tuple[Any, ...]]


@lru_cache(CACHED_STATEMENTS)
def checked_statement(sql: str, state: str) -> str:
    """`sql` where the query `state` gives `%(expected_state)s` in the same snapshot.

    Rows (is the state the expected one, is this a row of `sql`, its columns…), at least one.
    Where the state is another, `sql` is not executed: the condition on it is a one-time filter.
    """
    return f"""
        with snapshot as materialized (
            select coalesce(({state}) = %({EXPECTED})s, false) as is_expected)
        select snapshot.is_expected, page.* from snapshot left join (
            select true as is_row, statement.* from ({sql}) statement
            where (select is_expected from snapshot)) page on true"""


def read_if_same(
    kind: str,
    sql: str,
    values: Mapping[str, Any],
    state: str,
    expected: Callable[[], Any],
) -> Rows | None:
    """The rows of `sql` at a replica whose snapshot is in the expected state.

    `expected` is called when there is a replica to be asked; it may raise psycopg2.Error, as the
    primary does. None where no replica has that state now, or none answers: the primary is to be
    asked.
    """
    statement = checked_statement(sql, state)

    def read(connection: ReplicaConnection) -> Rows | None:
        try:
            with connection.asking_primary():
                given = {**values, EXPECTED: expected()}
        except psycopg2.Error:
            # If the primary is down, the statement itself says so.
            return None
        rows = connection.rows(statement, given)
        return [row[2:] for row in rows if row[1]] if rows[0][0] else None

    return replicas().read(kind, read)
