"""The service's worker with a fault in its loop, which some requests meet."""

from common.server.connections.connection import Connection
from common.server.worker import BufferingWorker

FAULT = b"X-Fault: 1\r\n"


class FaultyWorker(BufferingWorker):
    def _submit(self, connection: Connection) -> None:
        if FAULT in connection.reader.take():
            raise KeyError("secret-value is already registered")
        super()._submit(connection)
