"""The embedded PostgreSQL and Redis, for development and tests; connections to them live elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.embedded.lease import Lease, ProgressCallback
from common.embedded.processes import ServersError
from common.embedded.redis_server import redis_program
from common.embedded.unix_sockets import postgres_over_socket, redis_over_socket

__all__ = [
    "Servers",
    "ServersError",
    "ServerUrls",
    "ensure_servers",
    "missing_addresses",
    "over_unix_sockets",
]


@dataclass(frozen=True)
class ServerUrls:
    """The servers' addresses; None for one not asked for, and for Redis if there is no program."""

    database_url: str | None
    redis_url: str | None


def over_unix_sockets(urls: ServerUrls, folder: Path) -> ServerUrls:
    """The same servers, whose folders lie in `folder`, over Unix sockets where these can be reached."""
    database_url, redis_url = urls.database_url, urls.redis_url
    return ServerUrls(
        database_url and postgres_over_socket(database_url, folder / "postgres" / "data"),
        redis_url and redis_over_socket(redis_url, folder / "redis"),
    )


def ignore_progress(message: str) -> None:
    """For callers who want no progress."""


class Servers:
    """This process's leases on the servers whose folders lie in `folder`.

    `ephemeral` servers trade durability for speed, and their folders are removed with them.
    """

    def __init__(
        self,
        folder: Path,
        *,
        postgres: bool = True,
        redis: bool = True,
        ephemeral: bool = False,
        on_progress: ProgressCallback = ignore_progress,
    ) -> None:
        self._without_redis = redis and redis_program() is None
        wanted = {"postgres": postgres, "redis": redis and not self._without_redis}
        self._on_progress = on_progress
        self._leases = [
            Lease(kind, folder / kind, ephemeral=ephemeral, on_progress=on_progress)
            for kind, is_wanted in wanted.items()
            if is_wanted
        ]

    def start(self) -> ServerUrls:
        """Attach to the running servers, or start them. Raises ServersError with the reason."""
        if self._without_redis:
            self._on_progress(
                "There is no redis-server: limits and caches are those of each process."
            )
        try:
            urls = {lease.kind: lease.start() for lease in self._leases}
        except BaseException:
            self.release()
            raise
        return ServerUrls(urls.get("postgres"), urls.get("redis"))

    def __enter__(self) -> ServerUrls:
        return self.start()

    def __exit__(self, *reason: object) -> None:
        self.release()

    def release(self) -> None:
        """End the leases; what nobody else uses has stopped when this returns."""
        for lease in reversed(self._leases):
            lease.release()


_ensured: dict[tuple[Path, bool, bool], Servers] = {}


def ensure_servers(
    instance_dir: str,
    *,
    postgres: bool = True,
    redis: bool = True,
    on_progress: ProgressCallback = ignore_progress,
) -> ServerUrls:
    """The servers of this instance, in use until this process ends.

    Nothing is released at exit: the kernel does it, when whatever else runs then is over.
    """
    key = Path(instance_dir).resolve(), postgres, redis
    if key not in _ensured:
        _ensured[key] = Servers(key[0], postgres=postgres, redis=redis, on_progress=on_progress)
    return _ensured[key].start()


def missing_addresses(
    settings: Mapping[str, Any], on_progress: ProgressCallback = ignore_progress
) -> dict[str, Any]:
    """The addresses that the settings leave out, of embedded servers that run until this process ends.

    In development only: production names its servers, and the tests bring their own.
    """
    missing = {name for name in ("DATABASE_URL", "REDIS_URL") if not settings[name]}
    if settings["APP_ENV"] != "development" or not missing:
        return {}
    urls = ensure_servers(
        settings["INSTANCE_DIR"],
        postgres="DATABASE_URL" in missing,
        redis="REDIS_URL" in missing,
        on_progress=on_progress,
    )
    urls = over_unix_sockets(urls, Path(settings["INSTANCE_DIR"]))
    found = {"DATABASE_URL": urls.database_url, "REDIS_URL": urls.redis_url}
    return {name: found[name] for name in missing}
