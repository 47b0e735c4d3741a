"""A real gunicorn over HTTP, as an operator starts it, for tests that need processes."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from common.config import ROOT
from common.embedded.processes import clean_environment, free_port, log_tail, stop_child

WORKER_OPTIONS = (
    "--worker-class=common.server.worker.BufferingWorker",
    # Longer than a test on a full machine pauses between two requests.
    "--keep-alive=10",
    "--config=python:common.embedded.end_with_parent",
)


class LiveServer:
    """`gunicorn wsgi:app` with its workers; `url` is where it answers."""

    def __init__(
        self,
        settings: dict[str, Any],
        workers: int,
        threads: int,
        log: Path,
        application: str = "wsgi:app",
        launcher: Sequence[str] = (),
        folder: Path = ROOT,
        options: Sequence[str] = WORKER_OPTIONS,
    ) -> None:
        self.log = log
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", application, f"--bind=127.0.0.1:{port}"]
        command += [f"--workers={workers}", f"--threads={threads}", "--no-control-socket"]
        self._command = [*launcher, *command, *options]
        self._folder = folder
        self._environment = clean_environment() | {
            name: str(value) for name, value in settings.items() if value is not None
        }
        self.log.unlink(missing_ok=True)
        self.start()

    def start(self) -> None:
        """Start it, or once more on the same port after it has stopped; returns when it answers."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                # Its end tells gunicorn that the test run is over, even a killed one.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._await_answer()

    def _await_answer(self) -> None:
        while self.process.poll() is None:
            try:
                requests.get(f"{self.url}/healthz", timeout=10)
                return
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(0.05)
        if self.process.stdin:
            self.process.stdin.close()
        raise RuntimeError(f"gunicorn does not start:\n{log_tail(self.log, 30)}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait until it is gone; its workers finish what they are at."""
        stop_child(self.process, how, timeout=40)
        if self.process.stdin:
            self.process.stdin.close()
