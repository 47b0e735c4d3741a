"""Expensive values that many ask for, cached in Redis and in the process.

Each entry carries the revision of the public rows it was computed from, and is served only while
PostgreSQL still names that revision: what is hidden disappears with the commit that hides it,
whatever Redis is up to. Where Redis is away, each process has a cache of its own.

A missing entry is computed once (single-flight): one thread of one process computes it while the
others wait for it, though never for long.
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
from common.operations.metrics.sampling import CACHE_LOOKUPS, sampler_of
from common.redis.client import redis_client

EXTENSION = "shared_cache"
# The number changes with the shape of what is cached.
KEY = "marketplace:4:{name}:{database}:{revision}"
MAX_ENTRIES = 256
LOCK_TIMEOUT_SECONDS = 1.0
# How long another process is waited for before its work is done again here.
POLL_SECONDS = 0.02
POLLS = 15
CLAIM_MILLISECONDS = 2000


@dataclass(frozen=True)
class CacheEntry:
    """A value and how long it may be served: as of `revision`, until `expires` on the monotonic
    clock, in seconds."""

    revision: int
    expires: float
    value: bytes


class SharedCache:
    """This process's entries by name, in front of those in Redis."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, CacheEntry] = OrderedDict()
        self._lock = Lock()
        # Values found in this process, and all others; threads may lose one now and then.
        self.hits = self.misses = 0
        # Held while a value is computed; names share them, so that their number is bounded.
        self._flights = [Lock() for _ in range(16)]

    def get_or_compute(
        self, name: str, revision: int, ttl_seconds: int, compute: Callable[[], bytes]
    ) -> CacheEntry:
        """The entry called `name` as of `revision`, computed where nobody has it.

        With a time to live of 0 nothing is read or stored. Raises whatever `compute` raises.
        """
        if not ttl_seconds:
            return CacheEntry(revision, 0.0, compute())
        entry = self._find(name, revision)
        if entry is not None:
            self.hits += 1
            return entry
        self.misses += 1
        with self._single_flight(name):
            # Whoever was waited for has stored it.
            entry = self._find(name, revision)
            if entry is None:
                value = _read_or_compute(_key(name, revision), ttl_seconds, compute)
                entry = CacheEntry(revision, time.monotonic() + ttl_seconds, value)
                self._put(name, entry)
        return entry

    def clear(self) -> None:
        """Drop this process's entries."""
        with self._lock:
            self._entries.clear()

    def _find(self, name: str, revision: int) -> CacheEntry | None:
        with self._lock:
            entry = self._entries.get(name)
        if entry is None or entry.revision != revision or entry.expires <= time.monotonic():
            return None
        return entry

    def _put(self, name: str, entry: CacheEntry) -> None:
        with self._lock:
            self._entries[name] = entry
            self._entries.move_to_end(name)
            if len(self._entries) > MAX_ENTRIES:
                self._entries.popitem(last=False)

    @contextmanager
    def _single_flight(self, name: str) -> Iterator[None]:
        flight = self._flights[hash(name) % len(self._flights)]
        is_held = flight.acquire(timeout=LOCK_TIMEOUT_SECONDS)
        try:
            yield
        finally:
            if is_held:
                flight.release()


def _read_or_compute(key: str, ttl_seconds: int, compute: Callable[[], bytes]) -> bytes:
    """Another process's value, or a new one for all of them."""
    server = redis_client()

    def read(client: redis.Redis) -> Any:
        return client.get(key)

    def claim(client: redis.Redis) -> Any:
        return client.set(claim_key, b"", nx=True, px=CLAIM_MILLISECONDS)

    def store(client: redis.Redis) -> Any:
        return client.set(key, value, ex=ttl_seconds)

    claim_key = f"{key}:making"
    stored = server.call(read, None)
    if stored is None and not server.call(claim, True):
        for _ in range(POLLS):
            time.sleep(POLL_SECONDS)
            stored = server.call(read, None)
            if stored is not None:
                break
    if stored is not None:
        return bytes(stored)
    try:
        value = compute()
        server.call(store, None)
    finally:
        server.call(lambda client: client.delete(claim_key), None)
    return value


def _key(name: str, revision: int) -> str:
    """Installations that share a Redis each have revisions of their own."""
    config = current_app.config
    database = strong_etag(config["SECRET_KEY"], config["DATABASE_URL"])
    return KEY.format(name=name, database=database, revision=revision)


def init_app(app: Flask) -> None:
    cache = app.extensions[EXTENSION] = SharedCache()
    sampler = sampler_of(app)
    sampler.track_counter(CACHE_LOOKUPS.labels("values", "hit"), lambda: cache.hits)
    sampler.track_counter(CACHE_LOOKUPS.labels("values", "miss"), lambda: cache.misses)


def shared_cache() -> SharedCache:
    """The application's cache."""
    cache: Any = current_app.extensions[EXTENSION]
    assert isinstance(cache, SharedCache)
    return cache
