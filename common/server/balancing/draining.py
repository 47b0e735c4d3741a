"""How a worker stops: whoever has connected by then is answered, as a proxy cannot ask again.

The kernel connects callers on behalf of a listening socket and resets whom nobody has accepted when the
last process closes it. A proxy that has sent a write by then must not send it to another node: its
client gets an error. So a worker accepts all there are, and closes the socket at once instead of
after its last answer; from then on connections are refused, which a proxy sees before it sends.
"""

import select
import time
from socket import socket

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from common.server.balancing.accepting import BalancingWorker
from common.server.connections.connection import Connection
from common.server.connections.request_reader import Stage


class DrainingWorker(BalancingWorker):
    """Gunicorn's threaded worker, which leaves no connection behind when it stops."""

    # Those the loop waits for, to send or to read, the longest waiting first.
    waiting: dict[Connection, None]
    # Gunicorn's, on which it listens.
    sockets: list[socket]

    def set_accept_enabled(self, enabled: bool) -> None:
        """Called by gunicorn's loop, the last time when it has been told to stop."""
        super().set_accept_enabled(enabled)
        if not self.alive and not enabled:
            self._stop_listening()

    def _stop_listening(self) -> None:
        for listener in self.sockets:
            connected = select.poll()
            connected.register(listener, select.POLLIN)
            # No more than there can be: where no file can be opened, accepting ends in nothing.
            for _ in range(self.cfg.backlog):
                if not connected.poll(0):
                    break
                self.take_connection(listener)
            listener.close()
        self.sockets = []
        limit = time.monotonic() + STOP_KEEPALIVE_LINGER
        for connection in self.waiting:
            if connection.reader.stage is Stage.EMPTY:
                # Its request may be on its way, as on a connection that is kept alive.
                connection.deadline = min(connection.deadline, limit)
