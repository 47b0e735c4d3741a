"""The list everybody sees first, kept ready in Redis and in the process.

Each copy carries the revision of the public rows it was made from, and is served only while
PostgreSQL still names that revision: what is hidden disappears with the commit that hides it,
whatever Redis is up to. Where Redis is away, each process keeps its own copy.
"""

import time
from collections.abc import Callable
from typing import Any

import orjson
import redis
from flask import Flask, current_app

from common.preconditions import strong_etag
from common.redis import redis_aid
from marketplace.answer import Content

EXTENSION = "first_page"
# The number changes with the shape of what is kept.
KEY = "tutors:first:1:{database}:{revision}"


class FirstPage:
    """This process's last copy."""

    def __init__(self) -> None:
        self._copy: tuple[int, float, Content] | None = None

    def get(self, revision: int, read: Callable[[], Content]) -> Content:
        """The first page as of `revision`, read with `read` where nobody has a copy."""
        seconds = current_app.config["LIST_CACHE_SECONDS"]
        if not seconds:
            return read()
        copy = self._copy
        if copy is not None and copy[0] == revision and copy[1] > time.monotonic():
            return copy[2]
        content = _shared(revision)
        if content is None:
            content = read()
            _share(revision, content, seconds)
        self._copy = (revision, time.monotonic() + seconds, content)
        return content


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = FirstPage()


def first_page() -> FirstPage:
    """The application's copy."""
    kept: Any = current_app.extensions[EXTENSION]
    assert isinstance(kept, FirstPage)
    return kept


def _key(revision: int) -> str:
    """Installations that share a Redis each have revisions of their own."""
    config = current_app.config
    database = strong_etag(config["SECRET_KEY"], config["DATABASE_URL"])
    return KEY.format(database=database, revision=revision)


def _shared(revision: int) -> Content | None:
    stored: Any = redis_aid().ask(lambda client: client.get(_key(revision)), None)
    return None if stored is None else Content(**orjson.loads(stored))


def _share(revision: int, content: Content, seconds: int) -> None:
    value = orjson.dumps(content)

    def keep(client: redis.Redis) -> Any:
        return client.set(_key(revision), value, ex=seconds)

    redis_aid().ask(keep, None)
