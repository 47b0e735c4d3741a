"""Which worker takes a new connection: one that has the fewest.

All workers of a gunicorn wait at the same listening socket, and the kernel wakes all of them for
each connection. Whoever comes first takes it, mostly the same one, and a connection that is kept
alive brings its requests to that worker for as long as it lasts. So a worker that has more than
another leaves the connection to it for a moment; and one that still has far more than its share,
as those have that are left when another dies, ends connections after their next answers.
"""

import time
from abc import abstractmethod
from socket import socket
from typing import Any

from common.server.balancing.connection_counts import LEAST_DIFFERENCE, ConnectionCounts
from common.server.connections.connection import Connection
from common.server.threads.held_answers import HoldingWorker

# For how long it is left to the others, one of which may be stopped or busy, and after what time
# is looked whether they have taken it.
PATIENCE_SECONDS = 0.005
PAUSE_SECONDS = 0.001
SHARE_SECONDS = 0.5

counts = ConnectionCounts()


class BalancingWorker(HoldingWorker):
    """Gunicorn's threaded worker, with about as many connections as each other one has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # With SO_REUSEPORT each has a queue of connections of its own.
        self._slot = None if self.cfg.reuse_port else counts.reserve(self)
        self._paused_until = self._leaving_since = 0.0
        self._shared_at = 0.0
        self._excess = 0

    @abstractmethod
    def take_connection(self, listener: socket) -> None:
        """Accept a connection, if there is still one."""

    def accept(self, listener: socket) -> None:
        """Take a new connection, or leave it to those who have fewer. Called by gunicorn's loop."""
        if self._paused_until:
            # Of several listeners another one has just paused all.
            return
        now = time.monotonic()
        if self._has_more_than_others():
            self._leaving_since = self._leaving_since or now
            if now - self._leaving_since < PATIENCE_SECONDS:
                self.set_accept_enabled(False)
                self._paused_until = now + PAUSE_SECONDS
                return
        self._leaving_since = 0.0
        self.take_connection(listener)
        self._publish()

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Have the application answer a request, on which the connection may end for another worker."""
        # Never where the next request has already come.
        if self._excess > 0 and not conn.reader.rest:
            self._excess -= 1
            req.force_close()
        is_kept: bool = super().handle_request(req, conn)
        return is_kept

    def set_accept_enabled(self, enabled: bool) -> None:
        """Called by gunicorn's loop with whether there is room for more connections."""
        if not (enabled and self._paused_until):
            super().set_accept_enabled(enabled)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait no longer than the pause lasts. Called by gunicorn's loop."""
        self._publish()
        if self._paused_until:
            super().wait_for_and_dispatch_events(min(timeout, PAUSE_SECONDS))
            if time.monotonic() >= self._paused_until or not self._has_more_than_others():
                self._paused_until = 0.0
        elif self._leaving_since:
            super().wait_for_and_dispatch_events(0)
            if not self._paused_until:
                self._leaving_since = 0.0
        else:
            super().wait_for_and_dispatch_events(timeout)

    def _has_more_than_others(self) -> bool:
        least = None if self._slot is None else counts.least()
        return least is not None and self.nr_conns - least >= LEAST_DIFFERENCE

    def _publish(self) -> None:
        if self._slot is None:
            return
        is_accepting = self.alive and (self._accepting or self._paused_until > 0)
        counts.publish(self._slot, self.nr_conns if is_accepting else None)
        now = time.monotonic()
        if now - self._shared_at >= SHARE_SECONDS:
            self._shared_at = now
            self._excess = counts.excess(self.nr_conns) if is_accepting else 0
