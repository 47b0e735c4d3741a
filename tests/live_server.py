"""A real gunicorn over HTTP, as an operator starts it, for tests that need processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import requests
from gunicorn.arbiter import Arbiter

from common.config import ROOT
from common.servers.processes import clean_environment, free_port, log_tail, stop_child


class LiveServer:
    """`gunicorn wsgi:app` with its workers; `url` is where it answers."""

    def __init__(self, settings: dict[str, Any], workers: int, threads: int, log: Path) -> None:
        self.log = log
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", f"--bind=127.0.0.1:{port}"]
        command += [f"--workers={workers}", f"--threads={threads}", "--no-control-socket"]
        command += [f"--config=python:{__name__}"]
        environment = {name: str(value) for name, value in settings.items() if value is not None}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=clean_environment() | environment,
                # Its end tells gunicorn that the test run is over; see when_ready below.
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
            except requests.ConnectionError:
                time.sleep(0.05)
        raise RuntimeError(f"gunicorn does not start:\n{log_tail(self.log, 30)}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait until it is gone; its workers finish what they are at."""
        stop_child(self.process, how, patience=40)
        if self.process.stdin:
            self.process.stdin.close()


def when_ready(arbiter: Arbiter) -> None:
    """Gunicorn's hook: end with the test run, even if that is killed and can't say goodbye."""
    threading.Thread(target=_end_with_standard_input, daemon=True).start()


def _end_with_standard_input() -> None:
    # Not through sys.stdin, whose lock the forked workers would inherit, held.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
