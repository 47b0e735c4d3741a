"""What is dear to make and much asked for, kept in Redis and in the process.

Each copy carries the revision of the public rows it was made from, and is served only while
PostgreSQL still names that revision: what is hidden disappears with the commit that hides it,
whatever Redis is up to. Where Redis is away, each process keeps its own copy.

When a copy is missing, one thread of one process makes it while the others wait for it, though
never for long.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import redis
from flask import Flask, current_app

from common.http.conditional import strong_etag
from common.redis_client import redis_aid

EXTENSION = "kept"
# The number changes with the shape of what is kept.
KEY = "marketplace:2:{name}:{database}:{revision}"
MOST_COPIES = 256
LONGEST_WAIT_SECONDS = 1.0
# How long another process is waited for before its work is done again here.
POLL_SECONDS = 0.02
POLLS = 15
MAKING_MILLISECONDS = 2000


@dataclass(frozen=True)
class Copy:
    revision: int
    # On the monotonic clock.
    expires: float
    value: bytes


class Kept:
    """This process's copies, by name."""

    def __init__(self) -> None:
        self._copies: OrderedDict[str, Copy] = OrderedDict()
        # Held for a moment.
        self._lock = Lock()
        # Held while a copy is made; names share them, so that there are never more.
        self._makers = [Lock() for _ in range(16)]

    def get(self, name: str, revision: int, seconds: int, make: Callable[[], bytes]) -> Copy:
        """The copy called `name` as of `revision`, made with `make` where nobody has one."""
        if not seconds:
            return Copy(revision, 0.0, make())
        copy = self._find(name, revision)
        if copy is not None:
            return copy
        with self._alone(name):
            # Whoever was waited for has left it here.
            copy = self._find(name, revision)
            if copy is None:
                value = _shared_or_made(_key(name, revision), seconds, make)
                copy = Copy(revision, time.monotonic() + seconds, value)
                self._put(name, copy)
        return copy

    def forget(self) -> None:
        """Drop this process's copies."""
        with self._lock:
            self._copies.clear()

    def _find(self, name: str, revision: int) -> Copy | None:
        with self._lock:
            copy = self._copies.get(name)
        if copy is None or copy.revision != revision or copy.expires <= time.monotonic():
            return None
        return copy

    def _put(self, name: str, copy: Copy) -> None:
        with self._lock:
            self._copies[name] = copy
            self._copies.move_to_end(name)
            if len(self._copies) > MOST_COPIES:
                self._copies.popitem(last=False)

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        maker = self._makers[hash(name) % len(self._makers)]
        alone = maker.acquire(timeout=LONGEST_WAIT_SECONDS)
        try:
            yield
        finally:
            if alone:
                maker.release()


def _shared_or_made(key: str, seconds: int, make: Callable[[], bytes]) -> bytes:
    """Another process's copy, or a new one for all of them."""
    aid = redis_aid()

    def read(client: redis.Redis) -> Any:
        return client.get(key)

    def claim(client: redis.Redis) -> Any:
        return client.set(making, b"", nx=True, px=MAKING_MILLISECONDS)

    def keep(client: redis.Redis) -> Any:
        return client.set(key, value, ex=seconds)

    making = f"{key}:making"
    stored = aid.ask(read, None)
    if stored is None and not aid.ask(claim, True):
        for _ in range(POLLS):
            time.sleep(POLL_SECONDS)
            stored = aid.ask(read, None)
            if stored is not None:
                break
    if stored is not None:
        return bytes(stored)
    try:
        value = make()
        aid.ask(keep, None)
    finally:
        aid.ask(lambda client: client.delete(making), None)
    return value


def _key(name: str, revision: int) -> str:
    """Installations that share a Redis each have revisions of their own."""
    config = current_app.config
    database = strong_etag(config["SECRET_KEY"], config["DATABASE_URL"])
    return KEY.format(name=name, database=database, revision=revision)


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Kept()


def kept() -> Kept:
    """The application's copies."""
    copies: Any = current_app.extensions[EXTENSION]
    assert isinstance(copies, Kept)
    return copies
