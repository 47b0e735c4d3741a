"""A SeaweedFS, which speaks S3, on this machine alone. Its one account is what the AWS_… variables say."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from common.embedded.processes import free_port, stop_child
from common.stores import open_store

BUCKET = "media"
LONGEST_START_SECONDS = 60
UNUSED = ("-s3.port.iceberg=0", "-s3.port.lance=0")
SERVICES = ("master", "volume", "filer", "s3")


def weed_program() -> str | None:
    """SeaweedFS's program beside this Python or on the path; None where it is not installed."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


class Seaweed:
    """One server, which may be stopped, halted and started again with what it holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {
            name: free_port() for each in SERVICES for name in (f"{each}.port", f"{each}.port.grpc")
        }
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._ports['s3.port']}"

    def url(self, prefix: str) -> str:
        """An address for MEDIA_URL."""
        return f"s3://{BUCKET}/{prefix}?endpoint={self.endpoint}"

    def start(self) -> None:
        """Returns when the bucket can be written to."""
        program = weed_program()
        assert program
        ports = [f"-{name}={port}" for name, port in self._ports.items()]
        where = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={self._folder}"]
        self._process = subprocess.Popen(
            [program, "server", "-s3", *where, *ports, "-volume.max=2", *UNUSED],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + LONGEST_START_SECONDS
        while not self._takes_writes():
            assert time.monotonic() < deadline, "SeaweedFS does not start"
            time.sleep(0.2)

    def _takes_writes(self) -> bool:
        try:
            # A bucket is a folder of the filer's.
            filer = f"http://127.0.0.1:{self._ports['filer.port']}"
            requests.post(f"{filer}/buckets/{BUCKET}/", timeout=5)
            open_store(self.url("started")).put("avatars/x.webp", b"x")
        except (requests.RequestException, OSError):
            return False
        return True

    def halt(self) -> None:
        """From now on it accepts connections and answers nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            self.go_on()
            stop_child(self._process, timeout=10)
            self._process = None
