"""A process's lease on an embedded server: attach to it, or have it started; release it.

Every process that uses the server of a folder holds a shared lock there. A process of its
own (supervisor.py) runs the server and waits for the exclusive lock: it gets it when the last user
is gone, however that one ended, and stops the server. So nothing is counted or leaked.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path

from common.config import ROOT
from common.embedded.processes import ServersError, can_lock, drop_pg_variables, locked

ProgressCallback = Callable[[str], None]


class Lease:
    """The use of the server of a `kind` ("postgres" or "redis") whose data lie in `folder`."""

    def __init__(
        self, kind: str, folder: Path, *, ephemeral: bool, on_progress: ProgressCallback
    ) -> None:
        self.kind = kind
        self.folder = folder
        self._ephemeral = ephemeral
        self._on_progress = on_progress
        self._lock: int | None = None
        self._process_id = os.getpid()

    def start(self) -> str:
        """Attach to the server, starting it if need be; its address. ServersError says why not."""
        if self.kind == "postgres":
            drop_pg_variables()
        if self._lock is not None:
            return self._address()
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._lock = os.open(self.folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
            # Waits while a supervisor is stopping what the last user left.
            flock(self._lock, LOCK_SH)
            with locked(self.folder / "start.lock"):
                return self._running() or self._launch()
        except OSError as error:
            self.release()
            raise ServersError(_file_trouble(error)) from None
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """End the lease; if nobody else uses the server, return once it has stopped."""
        if self._lock is None or os.getpid() != self._process_id:
            return
        # Closed and not unlocked: a forked child shares the lock and may still need it.
        os.close(self._lock)
        self._lock = None
        while self._is_supervised() and not self._used_by_others():
            time.sleep(0.02)
        if self._ephemeral:
            # The supervisor may be about to do it.
            with suppress(OSError):
                self.folder.rmdir()

    def _is_supervised(self) -> bool:
        lock = self.folder / "supervisor.lock"
        return lock.exists() and not can_lock(lock, LOCK_SH)

    def _used_by_others(self) -> bool:
        """Whether others share the lock; a supervisor that is stopping the server has all of it."""
        lock = self.folder / "users.lock"
        return lock.exists() and not can_lock(lock, LOCK_EX) and can_lock(lock, LOCK_SH)

    def _running(self) -> str | None:
        """The running server's address; waits for a supervisor whose first user died meanwhile."""
        while self._is_supervised():
            try:
                return self._address()
            except FileNotFoundError:
                time.sleep(0.05)
        return None

    def _address(self) -> str:
        address: str = json.loads((self.folder / "address.json").read_text())
        return address

    def _launch(self) -> str:
        """Start a supervisor and wait until it reports."""
        # Left by a supervisor that was killed.
        (self.folder / "address.json").unlink(missing_ok=True)
        command = [
            sys.executable,
            "-m",
            "common.embedded.supervisor",
            self.kind,
            str(self.folder),
        ]
        with (self.folder / "supervisor.log").open("wb") as log:
            starter = subprocess.Popen(
                command + ["--ephemeral"] * self._ephemeral,
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                # Ctrl-C in the terminal is for the users; the supervisor ends after them.
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
                self._on_progress(json.loads(text))
        raise ServersError(f"The embedded {self.kind} did not start; {log.name} may say why.")


def _file_trouble(error: OSError) -> str:
    """One line on a folder that cannot be used, and what to do."""
    path = error.filename
    if isinstance(error, PermissionError) and path and os.path.exists(path):
        return (
            f"{path} belongs to another account: start this as that account, or remove the folder"
            " to begin anew."
        )
    return (
        f"Can't write {path}: {error.strerror}. Set INSTANCE_DIR to a folder that can be written."
    )
