"""Redis as an aid, never a need: every call is bounded, and its absence is remembered briefly.

After a failure the next second goes without Redis altogether, so that a Redis that swallows
packets costs one timeout a second and not one a request.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import redis
import structlog
from flask import Flask, current_app
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import RedisError
from redis.retry import Retry

Answer = TypeVar("Answer")

log = structlog.get_logger()
EXTENSION = "redis_aid"
PAUSE_SECONDS = 1.0


class RedisAid:
    """A Redis client whose failures turn into a default answer."""

    def __init__(self, url: str | None, timeout_seconds: float) -> None:
        self._away_until = 0.0
        self.client: redis.Redis | None = None
        if url:
            self.client = redis.Redis.from_url(
                url,
                socket_timeout=timeout_seconds,
                socket_connect_timeout=timeout_seconds,
                # A lost connection is replaced at once; silence is borne a single time.
                retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionLost,)),
            )

    def ask(self, question: Callable[[redis.Redis], Answer], otherwise: Answer) -> Answer:
        """`question(client)`, or `otherwise` while Redis is unset, away or too slow."""
        if self.client is None or time.monotonic() < self._away_until:
            return otherwise
        try:
            return question(self.client)
        except RedisError as error:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            log.warning("redis away, going on without", error=type(error).__name__)
            return otherwise


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = RedisAid(
        app.config["REDIS_URL"], app.config["REDIS_TIMEOUT_MS"] / 1000
    )


def redis_aid() -> RedisAid:
    """The application's Redis."""
    aid: Any = current_app.extensions[EXTENSION]
    assert isinstance(aid, RedisAid)
    return aid
