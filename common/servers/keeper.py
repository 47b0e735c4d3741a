"""`python -m common.servers.keeper HOME`: runs the servers of a folder until nobody uses them.

Started by `common.servers.Servers`, never by hand. It tells its progress on standard output.
"""

import json
import os
import shutil
import signal
import sys
import time
from dataclasses import asdict
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from types import FrameType

from common.servers import ServerUrls
from common.servers.postgres import Postgres
from common.servers.processes import ServersError, locked
from common.servers.redis_server import RedisServer, redis_program

GLANCE_SECONDS = 0.1
PAUSE_SECONDS = 1.0


def tell(word: str, text: str = "") -> None:
    """Report to whoever started us, if they are still there."""
    try:
        print(word, json.dumps(text), flush=True)
    except BrokenPipeError:
        pass


class Keeper:
    def __init__(self, home: Path, fleeting: bool) -> None:
        self.home = home
        self.postgres = Postgres(home / "postgres", fleeting=fleeting)
        self.redis = RedisServer(home / "redis", fleeting=fleeting) if redis_program() else None

    def start(self) -> None:
        ports = self._last_ports()
        if self.postgres.exists:
            tell("say", "Starting PostgreSQL …")
        else:
            tell("say", "Creating a PostgreSQL cluster and starting it …")
        self.postgres.start(ports.get("postgres", 0))
        if self.redis:
            tell("say", "Starting Redis …")
            self.redis.start(ports.get("redis", 0))
        else:
            tell("say", "No redis-server found: limits and caches will be those of each process.")
        self._write(
            "ports.json",
            {"postgres": self.postgres.port, "redis": self.redis.port if self.redis else 0},
        )
        urls = ServerUrls(self.postgres.url, self.redis.url if self.redis else None)
        self._write("state.json", asdict(urls))

    def keep(self) -> None:
        """Return when no process holds the users' lock, and hold it against new ones then."""
        users = os.open(self.home / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        while not _locked_alone(users):
            self._revive()
            time.sleep(GLANCE_SECONDS)

    def _revive(self) -> None:
        """Start a server again that died, at the same address, so that its users find it."""
        for server in (self.postgres, self.redis):
            if server and server.process and server.process.poll() is not None:
                time.sleep(PAUSE_SECONDS)
                server.start(server.port)

    def stop(self) -> None:
        (self.home / "state.json").unlink(missing_ok=True)
        if self.redis:
            self.redis.stop()
        self.postgres.stop()

    def _last_ports(self) -> dict[str, int]:
        try:
            ports: dict[str, int] = json.loads((self.home / "ports.json").read_text())
        except (OSError, ValueError):
            return {}
        return ports

    def _write(self, name: str, content: object) -> None:
        """Write a file that only we may read, whole or not at all."""
        fresh = self.home / f"{name}.new"
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(content))
        fresh.replace(self.home / name)


def _locked_alone(descriptor: int) -> bool:
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(f"ended by signal {number}")


def main(home: Path, *, fleeting: bool) -> None:
    signal.signal(signal.SIGTERM, leave)
    with locked(home / "keeper.lock"):
        keeper = Keeper(home, fleeting)
        try:
            keeper.start()
            tell("ready")
            # From here on our starter's end must not be felt.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            keeper.keep()
        except ServersError as error:
            tell("failed", str(error))
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            keeper.stop()
            if fleeting:
                shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), fleeting="--fleeting" in sys.argv)
