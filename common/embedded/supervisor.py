"""`python -m common.embedded.supervisor KIND FOLDER`: runs the server of a folder while it is used.

Started by lease.py, never by hand. It reports its progress on standard output.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from common.embedded.postgres import Postgres
from common.embedded.processes import (
    ServersError,
    ShouldAbort,
    StartAborted,
    locked,
    never,
)
from common.embedded.redis_server import RedisServer

POLL_SECONDS = 0.1
PAUSE_SECONDS = 1.0
LOCK_NAME = "supervisor.lock"


class Server(Protocol):
    name: str
    port: int
    process: subprocess.Popen[Any] | None

    @property
    def url(self) -> str: ...

    @property
    def exists(self) -> bool: ...

    def start(self, preferred_port: int = 0, should_abort: ShouldAbort = never) -> None: ...

    def stop(self) -> None: ...


KINDS: dict[str, Callable[[Path, bool], Server]] = {
    "postgres": lambda folder, ephemeral: Postgres(folder, ephemeral=ephemeral),
    "redis": lambda folder, ephemeral: RedisServer(folder, ephemeral=ephemeral),
}


def supervise(server: Server, folder: Path) -> None:
    """Run the server; return when no process shares the users' lock, holding it exclusively."""
    port = folder / "port"
    if server.exists:
        report("progress", f"Starting {server.name} …")
    else:
        report("progress", f"Creating the files of {server.name} and starting it …")
    users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    # The process that started us shares the lock; once that can be had alone, no user is left.
    server.start(_saved_port(port), lambda: _locked_alone(users))
    port.write_text(str(server.port))
    _write_privately(folder / "address.json", json.dumps(server.url))
    report("ready")
    # From here on the end of the process that started us must not affect us.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    while not _locked_alone(users):
        if server.process and server.process.poll() is not None:
            # It died: restarted at the same address, which its users have.
            time.sleep(PAUSE_SECONDS)
            server.start(server.port, lambda: _locked_alone(users))
        time.sleep(POLL_SECONDS)


def _saved_port(path: Path) -> int:
    """The port of the last start, so that addresses stay; 0 where there is none."""
    try:
        port = int(path.read_text())
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 65536 else 0


def report(word: str, text: str = "") -> None:
    """Report to the process that started us, if it still runs."""
    try:
        print(word, json.dumps(text), flush=True)
    except BrokenPipeError:
        pass


def _locked_alone(descriptor: int) -> bool:
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write_privately(path: Path, content: str) -> None:
    """Write a file that only we may read, whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(content)
    fresh.replace(path)


def _remove(folder: Path) -> None:
    """Remove the folder, our lock last: where it is gone, everything is."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != LOCK_NAME:
            path.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _exit_on_signal(number: int, frame: FrameType | None) -> None:
    raise SystemExit(f"ended by signal {number}")


def main(kind: str, folder: Path, *, ephemeral: bool) -> None:
    if os.fork():
        # A daemon: the process that started us may end first, or stay and never wait for us.
        os._exit(0)
    signal.signal(signal.SIGTERM, _exit_on_signal)
    with locked(folder / LOCK_NAME):
        server = KINDS[kind](folder, ephemeral)
        try:
            supervise(server, folder)
        except ServersError as error:
            report("failed", error.message)
        except StartAborted:
            pass
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            (folder / "address.json").unlink(missing_ok=True)
            server.stop()
            if ephemeral:
                _remove(folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), ephemeral="--ephemeral" in sys.argv)
