"""Transactions of one round trip per statement, for the busiest writes.

The first statement is sent together with BEGIN and the last with COMMIT, without SQLAlchemy, whose
session and result layer cost such a request more than the database does. A response sent after `finish`
or `write_rows` is as durable as one after a commit.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from common.database.prepared_statements import READ_PLANS
from common.database.session import autocommit_pool

Values = Mapping[str, Any]
Row = tuple[Any, ...]


class ShortTransaction:
    """One transaction on a connection that is otherwise in autocommit."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.is_open = False

    def rows(self, sql: str, values: Values) -> list[Row]:
        """The rows of a statement; of several in one string, those of the last."""
        beginning = "" if self.is_open else f"begin; {READ_PLANS}"
        # Before the statement: if it fails, the transaction is open all the same.
        self.is_open = True
        self._cursor.execute(beginning + sql, values)
        return list(self._cursor.fetchall())

    def finish(self, sql: str, values: Values) -> None:
        """The last statement, and the commit."""
        self._cursor.execute(f"{sql}; commit", values)
        self.is_open = False


@contextmanager
def short_transaction() -> Iterator[ShortTransaction]:
    """A transaction that is rolled back unless it is finished. Raises psycopg2.Error."""
    with _cursor() as cursor:
        transaction = ShortTransaction(cursor)
        try:
            yield transaction
        finally:
            if transaction.is_open and not cursor.connection.closed:
                cursor.execute("rollback")


def write_rows(sql: str, values: Values) -> list[Row]:
    """The rows of one writing statement that is a transaction of its own. Raises psycopg2.Error."""
    with _cursor() as cursor:
        cursor.execute(READ_PLANS + sql, values)
        return list(cursor.fetchall())


@contextmanager
def _cursor() -> Iterator[Any]:
    """A cursor in autocommit. A connection that turns out dead closes the idle ones too."""
    pool = autocommit_pool()
    connection = pool.acquire()
    try:
        yield connection.cursor()
    except BaseException:
        if connection.closed:
            pool.close_idle()
        raise
    finally:
        pool.release(connection)
