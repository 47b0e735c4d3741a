"""PostgreSQL, Redis and the servers that an operator runs on them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2

from common.config import ROOT
from common.embedded.postgres import Postgres
from common.embedded.processes import clean_environment
from common.embedded.redis_server import RedisServer
from tests.conftest import test_settings
from tests.live_server import WORKER_OPTIONS, LiveServer


class Installation:
    """Servers in a folder; `code` below is the folder of the release that is run."""

    def __init__(self, folder: Path, *, ephemeral: bool = True) -> None:
        self.folder = folder
        self.postgres = Postgres(folder / "postgres", ephemeral=ephemeral)
        self.redis = RedisServer(folder / "redis", ephemeral=True)
        self.postgres.start()
        self.redis.start()
        self.settings: dict[str, Any] = test_settings(self.postgres.url, self.redis.url, folder) | {
            "RATE_LIMITS_ENABLED": False
        }
        self._servers: list[LiveServer] = []

    def upgrade(self, code: Path = ROOT) -> None:
        """`flask db upgrade`, as an operator calls it."""
        settings = {name: str(value) for name, value in self.settings.items() if value is not None}
        done = subprocess.run(
            [sys.executable, "-m", "flask", "db", "upgrade"],
            cwd=code,
            env=clean_environment() | settings,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def serve(self, code: Path = ROOT, options: tuple[str, ...] = WORKER_OPTIONS) -> LiveServer:
        """A node of two workers."""
        log = self.folder / f"node-{len(self._servers)}.log"
        server = LiveServer(self.settings, 2, 4, log, folder=code, options=options)
        self._servers.append(server)
        return server

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What PostgreSQL holds."""
        connection = psycopg2.connect(self.settings["DATABASE_URL"])
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values or None)
                found = list(cursor.fetchall()) if cursor.description else []
            connection.commit()
            return found
        finally:
            connection.close()

    def logs(self) -> str:
        """The last lines of every node, for the message of a failure."""
        return "\n".join(
            f"{server.log.name}:\n" + "\n".join(server.log.read_text().splitlines()[-15:])
            for server in self._servers
        )

    def close(self) -> None:
        for server in self._servers:
            server.stop()
        self.redis.stop()
        self.postgres.stop()
