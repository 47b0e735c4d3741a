"""A process's share of an embedded server: attach to it, or have it started; let go of it.

Every process that uses the server of a folder holds a shared lock there. A small process of its
own, the keeper (keeper.py), runs the server and waits for the exclusive lock: it gets it when the
last user is gone, however that one ended, and stops the server. So nothing is counted or leaked.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path

from common.config import ROOT
from common.embedded.processes import ServersError, can_lock, locked

Say = Callable[[str], None]


class SharedServer:
    """The `kind` of server ("postgres" or "redis") that lives in the folder `home`."""

    def __init__(self, kind: str, home: Path, *, fleeting: bool, say: Say) -> None:
        self.kind = kind
        self.home = home
        self._fleeting = fleeting
        self._say = say
        self._hold: int | None = None
        self._process_id = os.getpid()

    def start(self) -> str:
        """Attach to the server, starting it if need be; its address. ServersError says why not."""
        if self._hold is not None:
            return self._address()
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self._hold = os.open(self.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            # Waits while a keeper is stopping what the last user left.
            flock(self._hold, LOCK_SH)
            with locked(self.home / "start.lock"):
                return self._running() or self._launch()
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
        """Let go; if nobody else uses the server, return once it has stopped."""
        if self._hold is None or os.getpid() != self._process_id:
            return
        # Closed and not unlocked: a forked child shares the lock and may still need it.
        os.close(self._hold)
        self._hold = None
        while self._keeper_lives() and not self._used_by_others():
            time.sleep(0.02)

    def _keeper_lives(self) -> bool:
        lock = self.home / "keeper.lock"
        return lock.exists() and not can_lock(lock, LOCK_SH)

    def _used_by_others(self) -> bool:
        """Whether others share the lock; a keeper that is stopping the server has all of it."""
        lock = self.home / "users.lock"
        return lock.exists() and not can_lock(lock, LOCK_EX) and can_lock(lock, LOCK_SH)

    def _running(self) -> str | None:
        """The running server's address; waits for a keeper whose first user died meanwhile."""
        while self._keeper_lives():
            try:
                return self._address()
            except FileNotFoundError:
                time.sleep(0.05)
        return None

    def _address(self) -> str:
        address: str = json.loads((self.home / "address.json").read_text())
        return address

    def _launch(self) -> str:
        """Start a keeper and wait for its word."""
        # It can only be of a keeper that was killed.
        (self.home / "address.json").unlink(missing_ok=True)
        command = [sys.executable, "-m", "common.embedded.supervisor", self.kind, str(self.home)]
        with (self.home / "keeper.log").open("wb") as log:
            starter = subprocess.Popen(
                command + ["--fleeting"] * self._fleeting,
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                # Ctrl-C in the terminal is for the users; the keeper ends after them.
                start_new_session=True,
            )
        with starter:
            assert starter.stdout
            for line in starter.stdout:
                word, _, text = line.decode().partition(" ")
                if word == "ready":
                    return self._address()
                if word == "failed":
                    raise ServersError(json.loads(text))
                self._say(json.loads(text))
        raise ServersError(f"The embedded {self.kind} did not start; {log.name} may say why.")
