"""One gunicorn worker and what it takes: its processor time, its memory, its start."""

import time
from pathlib import Path
from typing import Any

import psutil

from tests.live_server import LiveServer

THREADS = 4


class Worker:
    """An application on one gunicorn worker of four threads."""

    def __init__(self, application: str, settings: dict[str, Any], log: Path) -> None:
        begun = time.perf_counter()
        self.server = LiveServer(settings, 1, THREADS, log, application)
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
        return float(self.process.memory_info().rss) / 1e6

    def stop(self) -> None:
        self.server.stop()
