"""Answers that wait before they are sent, in memory and without a thread.

A client that goes on calling in spite of its refusals costs the service a request each time. Its
next call comes when the last one has been answered, so an answer that waits makes it call less
often, and costs nothing meanwhile. The technique is known as a tarpit.
"""

import math
import time
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from common.server.connections.connection import Connection
from common.server.threads.answering import AnsweringWorker
from common.server.threads.fair_queue import FairQueue

HOLD_SECONDS = 0.5
# In one worker; beyond that answers are sent at once.
MOST_HELD = 500


class HeldAnswers:
    """What is to be sent later, in the order of its time; used by the worker's loop alone."""

    def __init__(self) -> None:
        self._sends: deque[tuple[float, Callable[[], None]]] = deque()

    def is_full(self) -> bool:
        return len(self._sends) >= MOST_HELD

    def add(self, now: float, send: Callable[[], None]) -> None:
        """Have `send` called HOLD_SECONDS after `now`, a time of the monotonic clock."""
        self._sends.append((now + HOLD_SECONDS, send))

    def send_due(self, now: float) -> None:
        """Send those whose time has come; all of them, if `now` is infinite."""
        while self._sends and self._sends[0][0] <= now:
            self._sends.popleft()[1]()

    def seconds_to_next(self, now: float) -> float:
        """How long the first one still waits; infinite if there is none."""
        return max(0.0, self._sends[0][0] - now) if self._sends else float("inf")


class HoldingWorker(AnsweringWorker):
    """Gunicorn's threaded worker, sending an answer later where the application asks for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held = HeldAnswers()
        self.queue: FairQueue[Connection] = FairQueue(self.cfg.threads)

    def enqueue_req(self, conn: Connection) -> None:
        """Have a request wait for a thread."""
        self.queue.add(conn.caller, conn)
        self._dispatch()

    def _dispatch(self) -> None:
        # A worker that stops waits for nobody.
        now = time.monotonic()
        while (conn := self.queue.take(now if self.alive else math.inf)) is not None:
            conn.began_at = now
            super().enqueue_req(conn)

    @abstractmethod
    def send_answer(self, conn: Connection, is_kept: bool) -> None:
        """Have the client read its answer; then the connection goes on or not."""

    def finish_request(self, conn: Connection, is_kept: bool) -> None:
        """Called in the loop when a thread has answered; whether the connection goes on."""
        now = time.monotonic()
        self.queue.free(conn.caller, now - conn.began_at, now)
        self._dispatch()
        if conn.sock.is_held and self.alive and not self.held.is_full():
            self.held.add(time.monotonic(), partial(self.send_answer, conn, is_kept))
        else:
            self.send_answer(conn, is_kept)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait no longer than until a held answer or a client that pauses has its turn.

        Called by gunicorn's loop.
        """
        now = time.monotonic()
        wait = min(timeout, self.held.seconds_to_next(now), self.queue.seconds_to_next(now))
        super().wait_for_and_dispatch_events(wait)
        self._dispatch()
        self.held.send_due(time.monotonic() if self.alive else float("inf"))
