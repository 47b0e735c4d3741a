"""SQLAlchemy's pool, which also says how many threads wait for a connection."""

from threading import Lock
from typing import Any

from sqlalchemy import PoolProxiedConnection
from sqlalchemy.pool import QueuePool


class TransactionPool(QueuePool):
    """A QueuePool that counts who is about to get a connection."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._count_lock = Lock()
        self.waiting = 0

    def connect(self) -> PoolProxiedConnection:
        """As QueuePool's. Raises sqlalchemy.exc.TimeoutError."""
        with self._count_lock:
            self.waiting += 1
        try:
            return super().connect()
        finally:
            with self._count_lock:
                self.waiting -= 1
