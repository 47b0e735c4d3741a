"""Redis with a default for every call: each call is bounded in time, and an outage is remembered.

After a failure Redis is left out for a second, so that a Redis that swallows packets costs one
timeout a second and not one a request.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
import structlog
from flask import Flask, current_app
from redis.exceptions import RedisClusterException, RedisError

from common.redis.address import client_opener

Result = TypeVar("Result")

log = structlog.get_logger()
EXTENSION = "redis_client"
PAUSE_SECONDS = 1.0


class FallbackRedis:
    """A Redis client whose failures turn into a default value."""

    def __init__(self, url: str | None, timeout_seconds: float) -> None:
        self._skip_until = 0.0
        # For metrics; threads may lose one now and then.
        self.failures = self.skipped = 0
        self._open = client_opener(url, timeout_seconds) if url else None
        self._client: redis.Redis | None = None

    @property
    def is_configured(self) -> bool:
        return self._open is not None

    def call(self, command: Callable[[redis.Redis], Result], default: Result) -> Result:
        """`command(client)`, or `default` while Redis is unset, away or too slow."""
        if self._open is None:
            return default
        if time.monotonic() < self._skip_until:
            self.skipped += 1
            return default
        try:
            if self._client is None:
                self._client = self._open()
            return command(self._client)
        except (RedisError, RedisClusterException) as error:
            self._skip_until = time.monotonic() + PAUSE_SECONDS
            self.failures += 1
            log.warning("redis away, going on without", error=type(error).__name__)
            return default


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = FallbackRedis(
        app.config["REDIS_URL"], app.config["REDIS_TIMEOUT_MS"] / 1000
    )


def redis_client() -> FallbackRedis:
    """The current application's Redis."""
    client: Any = current_app.extensions[EXTENSION]
    assert isinstance(client, FallbackRedis)
    return client
