"""The process's filter index: loaded when it is first wanted, then caught up with each commit.

A reader names the revision it saw, or none, and gets what it asks computed on the bitmaps of that
revision or a later one, together with the revision they are of. Without bitmaps (they are being
loaded, or the history was lost) it gets None and asks SQL.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakSet

import psycopg2
import structlog
from flask import Flask, current_app

from common.database.connections.pool import AutocommitPool
from common.database.session import AUTOCOMMIT_POOL
from common.operations.metrics.registry import Counter, Gauge
from common.operations.metrics.sampling import sampler_of
from marketplace.listing.indexed.filter_index.bitmaps import FilterBitmaps
from marketplace.listing.indexed.filter_index.changes import read_changes
from marketplace.listing.indexed.filter_index.reading import IndexState, read_all

log = structlog.get_logger()

EXTENSION = "filter_index"
# So many tutors are loaded by the request that needs them, in some milliseconds; more by a thread.
MOST_LOADED_AT_ONCE = 2_000
CHUNK = 50_000
# How long a request waits for another one to catch up, before it asks SQL.
CATCH_UP_TIMEOUT_SECONDS = 0.5
# After a load that took so long, the next one begins at the earliest after so many times as long.
PAUSE_FACTOR = 4
FAILED_PAUSE_SECONDS = 5.0

T = TypeVar("T")

READS = Counter("filter_index_reads", "Lists and facets by what answered them", ["source"])
LOADS = Counter("filter_index_loads", "Times that all bitmaps were read", ["outcome"])
LOADED = Gauge(
    "filter_index_loaded", "Processes that have their bitmaps", multiprocess_mode="livesum"
)


class FilterIndex:
    """The bitmaps of one database in one process."""

    def __init__(
        self, pool: AutocommitPool, on_load: Callable[[], None], is_enabled: bool = True
    ) -> None:
        self._pool = pool
        self._is_enabled = is_enabled
        # Called when the thread has loaded the bitmaps, in that thread.
        self._on_load = on_load
        self._state: IndexState | None = None
        self._make_locks()
        self._no_load_before = 0.0
        # Questions by what answered them; threads may lose one now and then.
        self.answered_by_bitmaps = self.answered_by_sql = 0
        _indexes.add(self)

    def _make_locks(self) -> None:
        # Guards the state: held to compute and to apply changes, never while the database is asked.
        self._lock = threading.Lock()
        # Held by the one who asks the database what has changed.
        self._catching_up = threading.Lock()
        self._loader: threading.Thread | None = None

    def _start_in_child(self) -> None:
        """After a fork: locks that a thread of the parent held would never be released here."""
        if self._lock.locked():
            # That thread was in the middle of a change.
            self._state = None
        self._make_locks()
        if self._state is not None:
            LOADED.set(1)

    @property
    def is_loaded(self) -> bool:
        return self._state is not None

    def count(self, is_answered: bool) -> None:
        """Note whether bitmaps have answered a request, or SQL."""
        if is_answered:
            self.answered_by_bitmaps += 1
        else:
            self.answered_by_sql += 1

    def read(
        self, compute: Callable[[FilterBitmaps], T], revision: int | None = None
    ) -> tuple[T, int] | None:
        """What `compute` makes of the bitmaps of `revision` or a later one, and theirs.

        `compute` returns none of the bitmaps it is given. Without a revision any state will do:
        the caller compares. Raises psycopg2.Error.
        """
        if not self._is_enabled:
            return None
        is_late = self._state is None or revision not in (None, self._revision())
        # A state that appears afterwards may be older than `revision`.
        if is_late and not self._catch_up(revision):
            return None
        with self._lock:
            if self._state is None:
                return None
            return compute(self._state.bitmaps), self._state.revision

    def _revision(self) -> int | None:
        with self._lock:
            return None if self._state is None else self._state.revision

    def _catch_up(self, revision: int | None) -> bool:
        """Make the state that of now, or of `revision`; whether that was done."""
        if not self._catching_up.acquire(timeout=CATCH_UP_TIMEOUT_SECONDS):
            return False
        try:
            state = self._state
            if state is None:
                return self._load()
            if revision in (None, self._revision()):
                # By whoever was waited for.
                return True
            changes = read_changes(state.slots)
            with self._lock:
                if changes is not None:
                    changes.apply(state)
                    return True
                self._state = None
            LOADED.set(0)
            return self._load()
        finally:
            self._catching_up.release()

    def _load(self) -> bool:
        """Load few tutors at once, or have many loaded by a thread; whether they are loaded."""
        is_loading = self._loader is not None and self._loader.is_alive()
        if is_loading or time.monotonic() < self._no_load_before:
            return False
        state = read_all(self._pool, MOST_LOADED_AT_ONCE + 1, MOST_LOADED_AT_ONCE)
        if state is not None:
            self._put(state)
            return True
        self._loader = threading.Thread(
            target=self._load_many, name="filter-index-loader", daemon=True
        )
        self._loader.start()
        return False

    def _load_many(self) -> None:
        began = time.monotonic()
        try:
            state = read_all(self._pool, CHUNK)
        except psycopg2.Error as error:
            LOADS.labels("failed").inc()
            log.warning("filter index not loaded", reason=type(error).__name__)
            self._no_load_before = time.monotonic() + FAILED_PAUSE_SECONDS
            return
        seconds = time.monotonic() - began
        self._no_load_before = time.monotonic() + PAUSE_FACTOR * seconds
        assert state is not None, "without a bound all are read"
        self._put(state)
        self._on_load()
        log.info("filter index loaded", tutors=len(state.bitmaps.listed), seconds=round(seconds, 2))

    def _put(self, state: IndexState) -> None:
        with self._lock:
            self._state = state
        LOADED.set(1)
        LOADS.labels("loaded").inc()

    def wait_until_loaded(self) -> None:
        """Return when no load is going on."""
        if self._loader is not None:
            self._loader.join()


_indexes: "WeakSet[FilterIndex]" = WeakSet()


def _start_all_in_child() -> None:
    for index in list(_indexes):
        index._start_in_child()


os.register_at_fork(after_in_child=_start_all_in_child)


def init_app(app: Flask, on_load: Callable[[], None] = lambda: None) -> None:
    """Give `app` an index. `on_load` is called, in a thread of its own, when that has loaded it."""
    pool, is_enabled = app.extensions[AUTOCOMMIT_POOL], app.config["FILTER_INDEX"]
    index = app.extensions[EXTENSION] = FilterIndex(pool, on_load, is_enabled)
    sampler = sampler_of(app)
    sampler.track_counter(READS.labels("bitmaps"), lambda: index.answered_by_bitmaps)
    sampler.track_counter(READS.labels("sql"), lambda: index.answered_by_sql)


def filter_index() -> FilterIndex:
    """The application's index."""
    index: FilterIndex = current_app.extensions[EXTENSION]
    return index
