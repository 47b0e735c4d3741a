"""One gunicorn worker and what it takes: its processor time, its memory, its start."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.clients.client import Call, Connected
from tests.live_server import WORKER_OPTIONS, LiveServer

THREADS = 4
# Gunicorn's own threaded worker, otherwise as the others.
GTHREAD = ("--worker-class=gthread", *WORKER_OPTIONS[1:])


class Worker:
    """An application on one gunicorn worker of four threads."""

    def __init__(
        self,
        application: str,
        settings: dict[str, Any],
        log: Path,
        options: Sequence[str] = WORKER_OPTIONS,
    ) -> None:
        begun = time.perf_counter()
        self.server = LiveServer(settings, 1, THREADS, log, application, options=options)
        self.seconds_to_answer = time.perf_counter() - begun
        [self.process] = psutil.Process(self.server.process.pid).children()

    @property
    def url(self) -> str:
        return self.server.url

    def processor_seconds(self) -> float:
        """User and system time of the worker so far (/proc/<pid>/stat): other work on the machine
        does not count."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def resident_megabytes(self) -> float:
        """0 where the process has ended."""
        return float(self.process.memory_info().rss) / 1e6 if self.process.is_running() else 0.0

    def counted(self, metric: str) -> dict[str, float]:
        """The counts of a metric of one label so far, by that label's value."""
        lines = re.findall(rf'^{metric}{{\w+="(\w+)"}} (\S+)$', self._metrics(), re.MULTILINE)
        return {label: float(value) for label, value in lines}

    def gauge(self, metric: str) -> float:
        """What a metric without labels is now; 0 before it was ever set."""
        found = re.search(rf"^{metric} (\S+)$", self._metrics(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def _metrics(self) -> str:
        with Connected(self.url) as connection:
            return connection.answer(Call("/metrics"))[2].decode()

    def stop(self) -> None:
        self.server.stop()
