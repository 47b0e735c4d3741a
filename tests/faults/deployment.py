"""A deployment for fault tests: durable servers, proxies in front of them, accounts."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import psutil
import psycopg2
import requests

from common.database.session import dispose_engines
from common.embedded.postgres import Postgres
from common.embedded.redis_server import RedisServer
from common.http.auth import issue_access_token
from tests.factories import make_user
from tests.faults.proxy import Proxy
from tests.live_server import LiveServer
from tests.waiting import eventually
from wsgi import create_app

# What the service itself calls an error, what only gunicorn could answer for, and what a thread
# dies of. Gunicorn's remarks on workers that were killed look otherwise.
ERROR_SIGNS = ('"level":"error"', '"level":"critical"', " at ['/", "Traceback (most recent call")


class Deployment:
    """PostgreSQL and Redis, each behind a proxy, and the gunicorns that reach them through it."""

    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self.folder = folder
        # Durable: what PostgreSQL has acknowledged must outlive it here.
        self.postgres = Postgres(folder / "postgres")
        self.redis = RedisServer(folder / "redis", ephemeral=True)
        self.postgres.start()
        self.redis.start()
        self.database_proxy = Proxy(self.postgres.port)
        self.redis_proxy = Proxy(self.redis.port)
        self.settings = settings | {
            "DATABASE_URL": through(self.postgres.url, self.database_proxy),
            "REDIS_URL": through(self.redis.url, self.redis_proxy),
            "MEDIA_DIR": str(folder / "media"),
        }
        # Past the proxies, so that it sees what there is whatever is broken.
        self._app = create_app(
            self.settings | {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.redis.url}
        )
        with self._app.app_context():
            flask_migrate.upgrade()
            dispose_engines()
        self._servers: list[LiveServer] = []
        # Of each log, how many lines were looked at.
        self._read: Counter[Path] = Counter()
        # Authorization → user id.
        self.people: dict[str, int] = {}

    def serve(self, workers: int = 4, threads: int = 4, **overrides: Any) -> LiveServer:
        log = self.folder / f"gunicorn-{len(self._servers)}.log"
        server = LiveServer(self.settings | overrides, workers, threads, log)
        self._servers.append(server)
        return server

    def person(self, role: str = "tutor") -> dict[str, str]:
        """The headers of a new account."""
        with self._app.app_context():
            user = make_user(role)
            headers = {"Authorization": f"Bearer {issue_access_token(user.id)}"}
            self.people[headers["Authorization"]] = user.id
            dispose_engines()
        return headers

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What PostgreSQL holds."""
        connection = psycopg2.connect(self.postgres.url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def crash_postgres(self) -> None:
        """As `pg_ctl stop -m immediate` does: recovery must mend it."""
        self.postgres.stop(signal.SIGQUIT)

    def start_postgres(self) -> None:
        self.postgres.start(self.postgres.port)

    def restart_redis_empty(self) -> None:
        self.kill_redis()
        self.redis.start(self.redis.port)

    def kill_redis(self) -> None:
        process = self.redis.process
        assert process
        process.kill()
        process.wait()

    def heal(self) -> None:
        """Undo whatever a test has broken."""
        self.database_proxy.heal()
        self.redis_proxy.heal()
        if self.postgres.process is None or self.postgres.process.poll() is not None:
            self.start_postgres()
        if self.redis.process is None or self.redis.process.poll() is not None:
            self.redis.start(self.redis.port)

    def unexpected_errors(self) -> list[str]:
        """What the service logged as failures of its own; reading them makes room for others."""
        found = []
        for server in self._servers:
            lines = server.log.read_text().splitlines()
            fresh = lines[self._read[server.log] :]
            found += [line for line in fresh if any(sign in line for sign in ERROR_SIGNS)]
            self._read[server.log] = len(lines)
        return found

    def close(self) -> None:
        for server in self._servers:
            server.stop()
        self.database_proxy.close()
        self.redis_proxy.close()
        self.redis.stop()
        self.postgres.stop()


def through(url: str, proxy: Proxy) -> str:
    """The address of a server, by way of a proxy."""
    before, _, after = url.rpartition(":")
    return f"{before}:{proxy.port}/{after.partition('/')[2]}"


def workers_of(server: LiveServer) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children()


def answers_again(server: LiveServer, path: str = "/readyz", **options: Any) -> None:
    """Wait until every worker answers: many times in a row, over new connections each."""

    def well() -> bool:
        return all(
            requests.get(server.url + path, timeout=20, **options).status_code == 200
            for _ in range(20)
        )

    eventually(well)


@contextmanager
def broken(deployment: Deployment) -> Iterator[None]:
    """A block in which something is broken; repaired at its end whatever happens."""
    try:
        yield
    finally:
        deployment.heal()
