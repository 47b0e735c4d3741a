"""SQLAlchemy's way to the connections of the process: each transaction borrows one."""

import os
import threading
from typing import Any
from weakref import WeakSet

from sqlalchemy.pool import ConnectionPoolEntry, Pool

from common.database.connections.connection import BoundedConnection
from common.database.connections.pool import AutocommitPool


class TransactionPool(Pool):
    """Holds no connection itself: what SQLAlchemy checks out comes from an AutocommitPool.

    SQLAlchemy's entry for a connection stays with it, so that what is done for each new connection
    (its "connect" event) is done once.
    """

    def __init__(self, creator: Any, lender: AutocommitPool, **options: Any) -> None:
        """`lender` is an option of `create_engine`; its `creator` has no use here."""
        super().__init__(self._connection_of, **options)
        self._lender = lender
        self._acquired = threading.local()
        self.reset()
        _pools.add(self)

    def reset(self) -> None:
        """Forget what is borrowed: in a forked child, whose parent goes on using it."""
        self._borrowed: dict[ConnectionPoolEntry, BoundedConnection] = {}

    def _do_get(self) -> ConnectionPoolEntry:
        connection = self._lender.acquire_for_transaction()
        entry = connection.pool_entry
        try:
            if entry is None:
                self._acquired.connection = connection
                entry = self._create_connection()
            else:
                entry.dbapi_connection = connection
        except BaseException:
            self._lender.release_transaction(connection)
            raise
        self._borrowed[entry] = connection
        return entry

    def _connection_of(self, rec: ConnectionPoolEntry) -> Any:
        """The connection of a new entry, or another one for an entry whose connection is lost."""
        lost = self._borrowed.get(rec)
        if lost is None:
            return self._acquired.__dict__.pop("connection")
        self._borrowed[rec] = self._lender.replace(lost)
        return self._borrowed[rec]

    def _do_return_conn(self, record: Any) -> None:
        connection = self._borrowed.pop(record, None)
        # Else each would keep the other from being freed.
        record.dbapi_connection = None
        if connection is not None:
            connection.pool_entry = record
            self._lender.release_transaction(connection)

    def dispose(self) -> None:
        """Close the connections that nobody uses."""
        self._lender.close_idle()

    def recreate(self) -> "TransactionPool":
        """The same: there is nothing here that could be stale."""
        return self

    def status(self) -> str:
        return f"{len(self._borrowed)} connections borrowed"


_pools: "WeakSet[TransactionPool]" = WeakSet()


def _reset_all() -> None:
    for pool in list(_pools):
        pool.reset()


os.register_at_fork(after_in_child=_reset_all)
