"""The embedded PostgreSQL and Redis, for development and tests: where no address is configured.

Every process that uses the servers of a folder holds a shared lock in it. A small process of its
own, the keeper (keeper.py), runs them and waits for the exclusive lock: it gets it when the last
user is gone, however that one ended, and stops them. So there is nothing to leak and to count.
"""

import atexit
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path

from common.servers.processes import ServersError, can_lock, locked

__all__ = ["Servers", "ServersError", "ServerUrls", "ensure_servers"]

ROOT = Path(__file__).resolve().parent.parent.parent
Say = Callable[[str], None]


@dataclass(frozen=True)
class ServerUrls:
    """Where the servers are. No Redis: no program for one was found on this machine."""

    database_url: str
    redis_url: str | None


def say_nothing(message: str) -> None:
    """For callers who want no progress."""


class Servers:
    """This process's hold on the servers of the folder `home`.

    `fleeting` servers trade durability for speed, and their folder is removed with them.
    """

    def __init__(self, home: Path, *, fleeting: bool = False, say: Say = say_nothing) -> None:
        self.home = home
        self._fleeting = fleeting
        self._say = say
        self._hold: int | None = None
        self._urls: ServerUrls | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._process_id = os.getpid()

    def start(self) -> ServerUrls:
        """Attach to the running servers, or start them. Raises ServersError with the reason."""
        if self._hold is not None and self._urls:
            return self._urls
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self._hold = os.open(self.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            # Waits while a keeper is stopping what the last user left.
            flock(self._hold, LOCK_SH)
            with locked(self.home / "start.lock"):
                self._urls = self._running() or self._launch()
                return self._urls
        except PermissionError as error:
            self.release()
            raise ServersError(
                f"{error.filename} belongs to another account: start this as that account, or "
                "remove the folder to begin anew."
            ) from None
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let go; if nobody else uses the servers, return once they have stopped."""
        if self._hold is None or os.getpid() != self._process_id:
            return
        os.close(self._hold)
        self._hold = None
        while self._keeper_lives() and not self._used_by_others():
            time.sleep(0.02)
        if self._keeper and not self._used_by_others():
            self._keeper.wait()

    def _keeper_lives(self) -> bool:
        lock = self.home / "keeper.lock"
        return lock.exists() and not can_lock(lock, LOCK_SH)

    def _used_by_others(self) -> bool:
        """Whether others share the lock; a keeper that is stopping the servers has all of it."""
        lock = self.home / "users.lock"
        return lock.exists() and not can_lock(lock, LOCK_EX) and can_lock(lock, LOCK_SH)

    def _running(self) -> ServerUrls | None:
        """The servers that run already; waits for a keeper whose first user died meanwhile."""
        while self._keeper_lives():
            try:
                return ServerUrls(**json.loads((self.home / "state.json").read_text()))
            except FileNotFoundError:
                time.sleep(0.05)
        return None

    def _launch(self) -> ServerUrls:
        """Start a keeper and wait for its word."""
        # It can only be of a keeper that was killed.
        (self.home / "state.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "common.servers.keeper", str(self.home)]
        if self._fleeting:
            command.append("--fleeting")
        with (self.home / "keeper.log").open("wb") as log:
            self._keeper = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                # Ctrl-C in the terminal is for the users; the keeper ends after them.
                start_new_session=True,
            )
        assert self._keeper.stdout
        with self._keeper.stdout as report:
            for line in report:
                word, _, text = line.decode().partition(" ")
                if word == "ready":
                    return ServerUrls(**json.loads((self.home / "state.json").read_text()))
                if word == "failed":
                    self._keeper.wait()
                    raise ServersError(json.loads(text))
                self._say(json.loads(text))
        self._keeper.wait()
        raise ServersError(f"The embedded servers did not start; {log.name} may say why.")


_held: dict[Path, tuple[Servers, ServerUrls]] = {}


def ensure_servers(instance_dir: str | Path, say: Say = say_nothing) -> ServerUrls:
    """The servers of this instance, running until this process ends."""
    home = Path(instance_dir).resolve() / "servers"
    held = _held.get(home)
    if held is None:
        servers = Servers(home, say=say)
        held = _held[home] = servers, servers.start()
        atexit.register(servers.release)
    return held[1]
