"""Which connections the loop watches, and why: each for one thing at a time, until it is closed.

Whatever a connection's next step is, it is registered with the poller here, closed here, and a fault
of that step ends here: one client must not take the process, and so all others, with it.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from socket import socket
from typing import Any

import structlog

from common.http.problems.error_handlers import frames
from common.server.balancing.draining import DrainingWorker
from common.server.connections.connection import Connection

log = structlog.get_logger()

Callback = Callable[[Connection, socket], None]


class WatchingWorker(DrainingWorker):
    """Gunicorn's threaded worker, which knows its connections and survives their faults."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # All that are open, those that a thread answers included.
        self.connections: set[Connection] = set()
        self.waiting = {}

    def take_step(self, step: Callable[..., None], connection: Connection, *args: Any) -> None:
        """Call `step(connection, *args)`; an exception is logged and ends this connection alone."""
        try:
            step(connection, *args)
        except Exception as error:
            # Words of exceptions may quote a request.
            facts = {"error": type(error).__name__, "frames": frames(error)}
            log.error("a connection could not be served", **facts)
            self.drop(connection)

    def watch(self, connection: Connection, event: int, callback: Callback) -> None:
        """Have `callback` called on this event, in place of whatever it was watched for."""
        if connection in self.connections:
            self.waiting[connection] = None
            self._register(connection, event, callback)

    def watch_idle(self, connection: Connection, event: int, callback: Callback) -> None:
        """Likewise for a connection that is kept alive: it does not count among the waiting."""
        self.unwatch(connection)
        if connection in self.connections:
            self.keepalived_conns.append(connection)
            self._register(connection, event, callback)

    def _register(self, connection: Connection, event: int, callback: Callback) -> None:
        is_registered, connection.is_registered = connection.is_registered, True
        register = self.poller.modify if is_registered else self.poller.register
        register(connection.sock, event, partial(self.take_step, callback, connection))

    def unwatch(self, connection: Connection) -> None:
        """Watch it no longer."""
        self.waiting.pop(connection, None)
        if connection.is_registered:
            connection.is_registered = False
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(connection.sock)

    def drop(self, connection: Connection) -> None:
        """Close it, unless that has been done."""
        self.unwatch(connection)
        if connection in self.connections:
            self.connections.discard(connection)
            self.nr_conns -= 1
            connection.close()
