"""The threads that answer requests which have arrived."""

import threading
import time
from collections import deque
from contextlib import suppress
from typing import Any

import structlog
from gunicorn.http.errors import InvalidHeader
from gunicorn.workers.gthread import ThreadWorker

from common.server.connections.connection import Connection
from common.server.connections.malformed_requests import current_request_id, forget_request_id
from common.server.connections.request_reader import Stage
from common.server.limits import SMALL_BODY
from common.server.threads.garbage_collection import collect_young, relax_collection
from common.server.threads.per_process import work_out_once

log = structlog.get_logger()

# Between two signs of life; gunicorn kills workers that give none (`timeout`).
SIGN_SECONDS = 1.0
# After which a thread that waits looks whether the process is to end.
IDLE_SECONDS = 0.5


class _Handover:
    """What one thread is given next."""

    def __init__(self) -> None:
        self.connection: Connection | None = None
        self._given = threading.Lock()
        self._given.acquire()

    def give(self, connection: Connection) -> None:
        self.connection = connection
        self._given.release()

    def take(self, seconds: float) -> bool:
        """Wait for it, so long at most; whether it was given."""
        return self._given.acquire(timeout=seconds)


class RequestThreads:
    """What gunicorn needs of an executor, whose futures cost more than handing a request over.

    Each thread waits for itself, and the one that has waited shortest is woken: of several threads
    that wait at one queue, a second one wakes in vain for each request.
    """

    def __init__(self, worker: "AnsweringWorker", number: int) -> None:
        self._worker = worker
        self._number = number
        self._lock = threading.Lock()
        # Under the lock, and one of them empty: the threads that wait, and what waits for a thread.
        self._idle: list[_Handover] = []
        self._waiting: deque[Connection] = deque()
        self._is_ending = False

    def start(self) -> None:
        """Begin to answer; not before the application is there, as a process ends with its threads."""
        for _ in range(self._number):
            threading.Thread(target=self._work, name="request").start()

    def put(self, connection: Connection) -> None:
        """Have the request on a connection answered by the next thread that is free."""
        with self._lock:
            if not self._idle:
                self._waiting.append(connection)
                return
            thread = self._idle.pop()
        thread.give(connection)

    def shutdown(self, wait: bool) -> None:
        """Let the threads end when all that has been put is answered, within IDLE_SECONDS.

        Takes no lock and wakes nobody: gunicorn calls it from the handler of a signal, too, which may
        have come in the middle of `put`.
        """
        self._is_ending = True

    def _next(self, handover: _Handover) -> Connection | None:
        """The next connection for this thread; None at the end."""
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            if self._is_ending:
                return None
            self._idle.append(handover)
        while not handover.take(IDLE_SECONDS):
            if self._is_ending:
                return self._last(handover)
        return handover.connection

    def _last(self, handover: _Handover) -> Connection | None:
        """What has been put for a thread that waits in vain; None if nothing was."""
        with self._lock:
            if handover in self._idle:
                self._idle.remove(handover)
                return None
        # Chosen already: it is given now, unless the signal has come in between.
        return handover.connection if handover.take(IDLE_SECONDS) else None

    def _work(self) -> None:
        handover = _Handover()
        while (connection := self._next(handover)) is not None:
            is_kept = False
            try:
                is_kept = self._worker.handle(connection)
            except BaseException as error:
                # As an executor does: the thread goes on. Words of exceptions may quote a request.
                log.error("a connection could not be served", error=type(error).__name__)
            self._worker.method_queue.defer(self._worker.finish_request, connection, is_kept)


class AnsweringWorker(ThreadWorker):
    """Gunicorn's threaded worker, with threads of its own and answers sent as one piece."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signed_at = 0.0

    def get_thread_pool(self) -> RequestThreads:
        """Called by gunicorn when the process begins."""
        return RequestThreads(self, self.cfg.threads)

    def run(self) -> None:
        """Serve until the process is to end."""
        work_out_once(self.cfg)
        relax_collection()
        self.tpool.start()
        try:
            super().run()
        finally:
            # An interpreter waits for its threads, whatever ended the loop.
            self.tpool.shutdown(wait=False)

    def notify(self) -> None:
        """Give gunicorn a sign of life, which is a call of the system. Called twice a request."""
        now = time.monotonic()
        if now - self._signed_at >= min(SIGN_SECONDS, self.timeout / 4):
            self._signed_at = now
            super().notify()

    def enqueue_req(self, conn: Connection) -> None:
        """Have the request that has arrived on a connection answered."""
        self.tpool.put(conn)

    def handle(self, conn: Connection) -> bool:
        """Answer that request, in a thread; whether the connection goes on."""
        forget_request_id()
        try:
            is_kept = bool(super().handle(conn))
        finally:
            if conn.release_request() > SMALL_BODY:
                collect_young()
        if not conn.sock.is_held:
            # What is left: a head without a body. An error will show in the loop again.
            with suppress(OSError):
                conn.sock.flush()
        return is_kept

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Log and answer what the application has not, under the id that its client has sent."""
        current_request_id(client.request)
        super().handle_error(req, client, addr, exc)

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Have the application answer a parsed request. Raises InvalidHeader."""
        if conn.reader.stage is Stage.MALFORMED:
            # The parser may find an end if all has come by chance, and what it finds is not certain.
            raise InvalidHeader("the framing of the body")
        # The loop has said so to those who waited for it.
        req._expected_100_continue = False
        if conn.is_truncated:
            req.force_close()
        conn.sock.gather()
        is_kept: bool = super().handle_request(req, conn)
        return is_kept

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        """What the application left unread lies in memory and is dropped, unless it is malformed."""
        return bool(keepalive) and not getattr(conn.parser.mesg.body, "failed", False)
