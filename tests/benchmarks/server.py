"""One gunicorn worker and what it takes: its processor time, its memory, its start."""

import re
import time
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.client import Call, Connected
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
        """0 where the process has ended."""
        return float(self.process.memory_info().rss) / 1e6 if self.process.is_running() else 0.0

    def counted(self, metric: str) -> dict[str, float]:
        """The counts of a metric of one label so far, by that label's value."""
        with Connected(self.url) as connection:
            text = connection.answer(Call("/metrics"))[2].decode()
        lines = re.findall(rf'^{metric}{{\w+="(\w+)"}} (\S+)$', text, re.MULTILINE)
        return {label: float(value) for label, value in lines}

    def stop(self) -> None:
        self.server.stop()
