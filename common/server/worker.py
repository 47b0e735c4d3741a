"""Gunicorn's threaded worker, reading each request in full before it occupies a thread.

Gunicorn's own `gthread` gives a thread to every connection from its first byte, so that as many
clients as there are threads, sending a byte now and then, stop the service. Here one loop reads from
all clients without waiting for any, with a deadline for the head and one for the body; the threads
only see requests that have arrived. So a body has been read, too, when its request is refused, and
the client sees the answer where a closed connection would have been a broken pipe.
"""

import time
from contextlib import suppress
from functools import cached_property, partial
from selectors import EVENT_READ, EVENT_WRITE
from socket import SHUT_WR, socket
from typing import Any

import structlog
from gunicorn.config import Config
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from common.config import ConfigError
from common.server.connections.connection import Connection
from common.server.connections.malformed_requests import bind_request_id, write_problem
from common.server.connections.request_reader import Stage
from common.server.limits import (
    EVICTED_SHARE,
    FLUSH_SECONDS,
    LARGEST_BODY,
    LINGER_SECONDS,
    MOST_BUFFERED_BYTES,
    MOST_DISCARDED_BYTES,
    SMALL_BODY,
)
from common.server.threads.fair_queue import caller_of
from common.server.watching import WatchingWorker

log = structlog.get_logger()

RECEIVE_BYTES = 256 * 1024
SWEEP_SECONDS = 0.5


class BufferingWorker(WatchingWorker):
    """A class for gunicorn's setting `worker_class`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.swept_at = 0.0
        # Which proxies are trusted is the application's to say (PROXY_HOPS).
        self.cfg.set("forwarded_allow_ips", "")
        self.cfg.set("forwarder_headers", "")
        # The kernel would wait for the client with the thread that answers it.
        self.cfg.set("sendfile", False)
        self.cfg.set("secure_scheme_headers", {})

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        """Refuse what this worker does not do. Raises ConfigError."""
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise ConfigError("TLS is the proxy's to end: start gunicorn without a certificate.")

    @cached_property
    def proxy_hops(self) -> int:
        """How many trusted proxies in front name their clients."""
        hops: int = getattr(self.wsgi, "config", {}).get("PROXY_HOPS", 0)
        return hops

    @cached_property
    def largest_body(self) -> int:
        """In bytes; the operator may allow JSON that is larger than an avatar."""
        return max(LARGEST_BODY, getattr(self.wsgi, "config", {}).get("MAX_BODY_BYTES", 0))

    # Reading, in the loop

    def take_connection(self, listener: socket) -> None:
        """Take a new connection, and what has already arrived on it."""
        try:
            sock, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            # The process has no file descriptor left.
            return self._evict()
        self.nr_conns += 1
        try:
            connection = Connection(self.cfg, sock, client, listener.getsockname())
        except OSError:
            self.nr_conns -= 1
            sock.close()
            return
        self.connections.add(connection)
        self.take_step(self._await_request, connection)

    def on_client_socket_readable(self, connection: Connection, client: socket) -> None:
        """A kept-alive connection has its next request."""
        self.unwatch(connection)
        self.keepalived_conns.remove(connection)
        connection.restart_deadline()
        self._read_request(connection)

    def _await_request(self, connection: Connection) -> None:
        connection.begin_request(self.largest_body)
        self._read_request(connection)

    def _read_request(self, connection: Connection) -> None:
        self.waiting[connection] = None
        if connection.reader.is_over:
            self._after_receiving(connection)
        else:
            self._on_readable(connection, connection.sock)
        # What has come may have been refused, and the connection be watched for its end.
        if connection in self.waiting and not connection.is_registered:
            self.watch(connection, EVENT_READ, self._on_readable)

    def _on_readable(self, connection: Connection, client: socket) -> None:
        """Read once, so that all connections have their turn."""
        try:
            data = client.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self.drop(connection)
            return
        if connection.is_lingering:
            self._discard(connection, data)
        elif data:
            connection.receive(data)
            self._after_receiving(connection)
        elif connection.reader.stage is Stage.EMPTY:
            self.drop(connection)
        elif connection.reader.stage is Stage.BODY:
            # Incomplete, and so not to be acted on (RFC 9112 §8).
            self._refuse(connection, 400, "Bad Request")
        else:
            # The client sends no more; what is wrong with the head so far may deserve an answer.
            self._submit(connection)

    def _after_receiving(self, connection: Connection) -> None:
        reader = connection.reader
        if reader.stage is Stage.HEAD_TOO_LARGE:
            self._refuse(connection, 431, "Request Header Fields Too Large")
        elif reader.stage is Stage.UNSUPPORTED_CODING:
            self._refuse(connection, 501, "Not Implemented")
        elif reader.is_over:
            self._submit(connection)
        elif len(reader) > SMALL_BODY and self._buffered_bytes() > MOST_BUFFERED_BYTES:
            self._refuse(connection, 503, "Service Unavailable")
        elif reader.stage is Stage.BODY and reader.expects_continue:
            reader.expects_continue = False
            with suppress(OSError):
                connection.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _buffered_bytes(self) -> int:
        return sum(len(each.reader) for each in self.connections)

    def _submit(self, connection: Connection) -> None:
        """Give the request to a thread."""
        self.unwatch(connection)
        named = connection.reader.forwarded_for(self.proxy_hops) if self.proxy_hops else ""
        connection.caller = caller_of(connection.client, named)
        connection.parse_request()
        self.enqueue_req(connection)

    # After the answer, in the loop again

    def send_answer(self, conn: Connection, is_kept: bool) -> None:
        """Have the client read its answer, then wait for its next request or close."""
        self.take_step(self._send_answer, conn, is_kept)

    def _send_answer(self, conn: Connection, is_kept: bool) -> None:
        conn.sock.is_held = False
        try:
            if conn.sock.flush():
                self._after_answer(conn, is_kept)
            else:
                conn.is_flushing = True
                conn.deadline = time.monotonic() + FLUSH_SECONDS
                self.watch(conn, EVENT_WRITE, partial(self._on_writable, is_kept))
                self._evict_unread()
        except OSError:
            self.drop(conn)

    def _on_writable(self, is_kept: bool, connection: Connection, client: socket) -> None:
        try:
            if connection.sock.flush():
                self.unwatch(connection)
                connection.is_flushing = False
                self._after_answer(connection, is_kept)
        except OSError:
            self.drop(connection)

    def _after_answer(self, conn: Connection, is_kept: bool) -> None:
        if is_kept and conn.reader.rest:
            self._await_request(conn)
        elif is_kept:
            self._keep_alive(conn)
        elif conn.is_truncated:
            self._linger(conn)
        else:
            self.drop(conn)

    def _keep_alive(self, connection: Connection) -> None:
        connection.begin_request(self.largest_body)
        connection.set_timeout()
        if not self.alive:
            limit = time.monotonic() + STOP_KEEPALIVE_LINGER
            connection.timeout = min(connection.timeout, limit)
        self.watch_idle(connection, EVENT_READ, self.on_client_socket_readable)

    def _refuse(self, connection: Connection, status: int, reason: str) -> None:
        """Answer in the loop, without a thread, and close."""
        self.unwatch(connection)
        bind_request_id(connection.reader)
        log.info("a request has not arrived", status=status)
        try:
            write_problem(connection.sock, status, reason, "")
        except OSError:
            self.drop(connection)
        else:
            self._send_answer(connection, is_kept=False)

    def _linger(self, connection: Connection) -> None:
        """Say that nothing more will come, and read on: closing would destroy the answer on its way
        to a client that is still sending."""
        connection.sock.shutdown(SHUT_WR)
        connection.is_lingering = True
        connection.deadline = time.monotonic() + LINGER_SECONDS
        self.watch(connection, EVENT_READ, self._on_readable)

    def _discard(self, connection: Connection, data: bytes) -> None:
        connection.discarded += len(data)
        if not data or connection.discarded > MOST_DISCARDED_BYTES:
            self.drop(connection)

    # Deadlines

    def murder_keepalived(self, force: bool = False) -> None:
        """Close the kept-alive connections whose time is over. Called by gunicorn's loop."""
        now = time.monotonic()
        while self.keepalived_conns and (force or self.keepalived_conns[0].timeout <= now):
            self.drop(self.keepalived_conns.popleft())

    def murder_pending(self) -> None:
        """Give up the requests that have not arrived in time. Called by gunicorn's loop."""
        now = time.monotonic()
        if now - self.swept_at < SWEEP_SECONDS:
            return
        self.swept_at = now
        for connection in [each for each in self.waiting if each.deadline <= now]:
            self.take_step(self._give_up, connection)
        if self.alive and self.nr_conns >= self.worker_connections:
            self._evict()

    def _give_up(self, connection: Connection) -> None:
        is_answered = connection.is_lingering or connection.is_flushing
        if is_answered or connection.reader.stage is Stage.EMPTY:
            self.drop(connection)
        else:
            self._refuse(connection, 408, "Request Timeout")

    def _evict_unread(self) -> None:
        """Give up the oldest of the answers that their clients do not read, where all of these take too
        much memory."""
        excess = sum(len(each.sock) for each in self.waiting) - MOST_BUFFERED_BYTES
        for connection in [*self.waiting] if excess > 0 else ():
            size = len(connection.sock)
            if size and excess > 0:
                excess -= size
                self.drop(connection)

    def _evict(self) -> None:
        """Make room: the requests that have been arriving longest are the slowest clients'."""
        for connection in [*self.waiting][: max(1, self.nr_conns // EVICTED_SHARE)]:
            self.drop(connection)
