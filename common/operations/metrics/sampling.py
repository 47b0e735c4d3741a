"""Counts that busy code keeps as plain numbers, taken over into metrics once a second.

A metric that workers share costs microseconds a change, a number nothing. One thread per process
samples, since the worker that is scraped cannot read another's memory.
"""

import os
import threading
import time
from collections.abc import Callable
from weakref import WeakSet

from flask import Flask

from common.database.connections.connection import watched_connections
from common.database.session import autocommit_pool
from common.operations.metrics.registry import Counter, Gauge
from common.operations.metrics.request_counts import sample_requests
from common.redis.client import redis_client

EXTENSION = "sampler"
SECONDS = 1.0
# The pool of DATABASE_URL.
PRIMARY = "primary"
Read = Callable[[], float]

IN_USE = Gauge(
    "database_connections_in_use",
    "Connections that requests hold, for a transaction or a statement",
    ["pool"],
    multiprocess_mode="livesum",
)
WAITING = Gauge(
    "database_connections_waiting",
    "Threads that wait for a connection",
    ["pool"],
    multiprocess_mode="livesum",
)
LIMIT = Gauge(
    "database_connections_limit",
    "Connections that requests may hold",
    ["pool"],
    multiprocess_mode="livesum",
)
OPEN = Gauge(
    "database_connections_open",
    "Open connections, idle ones and those of the background threads included",
    multiprocess_mode="livesum",
)
REDIS_FAILURES = Counter("redis_failures", "Calls of Redis that failed")
REDIS_SKIPPED = Counter("redis_skipped_calls", "Calls of Redis left out, as it had just failed")
CACHE_LOOKUPS = Counter(
    "cache_lookups", "Questions to a cache of public answers", ["cache", "outcome"]
)


class Sampler:
    """Reads numbers and sets metrics by them."""

    def __init__(self) -> None:
        self._gauges: list[tuple[Gauge, Read]] = []
        self._counters: list[tuple[Counter, Read]] = []
        self._seen: list[float] = []
        self._lock = threading.Lock()
        _samplers.add(self)

    def track_gauge(self, gauge: Gauge, read: Read) -> None:
        """Have `gauge` show what `read()` says at the time."""
        self._gauges.append((gauge, read))

    def track_counter(self, counter: Counter, read: Read) -> None:
        """Have `counter` grow by as much as `read()`, which only grows."""
        self._counters.append((counter, read))
        self._seen.append(0.0)

    def sample(self) -> None:
        sample_requests()
        with self._lock:
            for gauge, read in self._gauges:
                gauge.set(read())
            for index, (counter, read) in enumerate(self._counters):
                value = read()
                counter.inc(max(0.0, value - self._seen[index]))
                self._seen[index] = value


class _Thread:
    """One per process, for all its applications."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ensure(self) -> None:
        if self._thread is None:
            with self._lock:
                if self._thread is None:
                    self._thread = threading.Thread(target=_run, name="sampling", daemon=True)
                    self._thread.start()


_samplers: "WeakSet[Sampler]" = WeakSet()
_thread = _Thread()
os.register_at_fork(after_in_child=_thread.reset)


def _run() -> None:
    while True:
        time.sleep(SECONDS)
        for sampler in list(_samplers):
            try:
                sampler.sample()
            except (OSError, ValueError, SystemError):
                # The shared files do not grow on a full disk; the next second may have room.
                continue


def start_sampling() -> None:
    """Sample from now on; called with every request, as threads do not survive a fork."""
    _thread.ensure()


def sampler_of(app: Flask) -> Sampler:
    sampler: Sampler = app.extensions[EXTENSION]
    return sampler


def init_app(app: Flask) -> None:
    """Track the pools and Redis. Domains add what they count by `sampler_of(app)`."""
    sampler = app.extensions[EXTENSION] = Sampler()
    with app.app_context():
        pool, redis = autocommit_pool(), redis_client()
    sampler.track_gauge(IN_USE.labels(PRIMARY), lambda: pool.in_use)
    sampler.track_gauge(WAITING.labels(PRIMARY), lambda: pool.waiting)
    sampler.track_gauge(LIMIT.labels(PRIMARY), lambda: pool.max_size)
    sampler.track_gauge(OPEN, lambda: sum(not each.closed for each in watched_connections()))
    sampler.track_counter(REDIS_FAILURES, lambda: redis.failures)
    sampler.track_counter(REDIS_SKIPPED, lambda: redis.skipped)
