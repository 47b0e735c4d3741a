"""Saves of public profiles at a steady rate beside a measured workload, each of something new."""

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from types import TracebackType

from tests.benchmarks.clients.client import Call, Connected

SAVES_PER_SECOND = 20
# Each waits for its answer, so that one alone would fall behind beside a slow workload.
CLIENTS = 4


class SteadySaves:
    """A context in which clients send `calls` in turn, so many a second together.

    The next context goes on where this one ended. `sent` and `failed` count the answers so far.
    """

    def __init__(self, url: str, calls: Sequence[Call]) -> None:
        self._url = url
        self._turns: Iterator[Call] = cycle(calls)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()
        self.sent = self.failed = 0

    def __enter__(self) -> "SteadySaves":
        self._ended.clear()
        self._threads = [threading.Thread(target=self._work, args=(n,)) for n in range(CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        pause = CLIENTS / SAVES_PER_SECOND
        due = time.monotonic() + number / SAVES_PER_SECOND
        with Connected(self._url) as connection:
            while not self._ended.wait(max(0.0, due - time.monotonic())):
                due += pause
                with self._lock:
                    call = next(self._turns)
                status = connection.status(call)
                with self._lock:
                    self.sent += 1
                    self.failed += status >= 400
