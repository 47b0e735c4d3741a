"""What the queue of implicit events writes beside events: counts that a domain adds up meanwhile."""

from abc import ABC, abstractmethod

from sqlalchemy import Connection


class Accumulation(ABC):
    """Queued once with its first count, written once; in between its domain adds to it.

    It is one entry of the queue however much is added, so its domain bounds it.
    """

    # Names it in the log, where the database refuses it.
    action: str

    @abstractmethod
    def write(self, connection: Connection) -> None:
        """Store the counts in the caller's transaction, and take no more from the first call on.

        Called again after a transaction that failed.
        """
