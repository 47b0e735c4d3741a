"""Transactions of one round trip per statement, for the busiest writes.

The first statement is sent together with BEGIN and the last with COMMIT, without SQLAlchemy, whose
session and result layer cost such a request more than the database does. A response sent after `finish`
or `write_rows` is as durable as one after a commit.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from common.database.connections import prepared_statements as prepared
from common.database.connections.connection import BoundedConnection
from common.database.connections.prepared_statements import KEYED_PLANS
from common.database.session import autocommit_pool

Sql = str | tuple[str, ...]
Values = Mapping[str, Any]
Row = tuple[Any, ...]


class ShortTransaction:
    """One transaction on a connection that is otherwise in autocommit.

    A text is sent as it is. Of a tuple, whose statements find their rows by keys, each is prepared
    and planned once per connection.
    """

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.is_open = False
        # Statements with their values, to be sent with the next ones.
        self._unsent: list[str] = []

    def rows(self, sql: Sql, values: Values) -> list[Row]:
        """The rows of a statement; of several, those of the last."""
        text = self._as_executed(sql)
        beginning = "" if self.is_open else f"begin; {KEYED_PLANS}"
        # Before the statement: if it fails, the transaction is open all the same.
        self.is_open = True
        if self._unsent:
            self._send(text, values)
        else:
            self._cursor.execute(beginning + text, values)
        return list(self._cursor.fetchall())

    def add(self, sql: tuple[str, ...], values: Values) -> None:
        """Statements whose rows nobody reads: sent with the next ones, whose call raises what they raise.

        Not the first ones, which begin the transaction.
        """
        assert self.is_open, "the transaction has begun"
        self._unsent.append(self._written(self._as_executed(sql), values))

    def finish(self, sql: Sql, values: Values) -> None:
        """The last statement, and the commit."""
        text = f"{self._as_executed(sql)}; commit"
        if self._unsent:
            self._send(text, values)
        else:
            self._cursor.execute(text, values)
        self.is_open = False

    def commit(self) -> None:
        """Send what was added, and commit."""
        self._send("commit", {})
        self.is_open = False

    def _send(self, text: str, values: Values) -> None:
        """Send a text after what was added."""
        unsent, self._unsent = self._unsent, []
        self._cursor.execute("; ".join((*unsent, self._written(text, values))))

    def _written(self, text: str, values: Values) -> str:
        """A text with its values in it: statements sent together may use one name for several."""
        written: bytes = self._cursor.mogrify(text, values)
        return written.decode()

    def _as_executed(self, sql: Sql) -> str:
        if isinstance(sql, str):
            return sql
        connection, execute = self._cursor.connection, self._cursor.execute
        return "; ".join(prepared.as_executed(connection, each, execute) for each in sql)


@contextmanager
def short_transaction() -> Iterator[ShortTransaction]:
    """A transaction that is rolled back unless it is finished. Raises psycopg2.Error."""
    with _connection() as connection:
        cursor = connection.cursor()
        transaction = ShortTransaction(cursor)
        try:
            yield transaction
        finally:
            if transaction.is_open and not connection.closed:
                cursor.execute("rollback")


def write_rows(sql: str, values: Values) -> list[Row]:
    """The rows of one statement that writes by a key and is a transaction of its own.

    Raises psycopg2.Error.
    """
    with _connection() as connection:
        return prepared.run(connection, sql, values, KEYED_PLANS)


@contextmanager
def _connection() -> Iterator[BoundedConnection]:
    """A connection in autocommit. One that turns out dead closes the idle ones too."""
    pool = autocommit_pool()
    connection = pool.acquire()
    try:
        yield connection
    except BaseException:
        if connection.closed:
            pool.close_idle()
        raise
    finally:
        pool.release(connection)
