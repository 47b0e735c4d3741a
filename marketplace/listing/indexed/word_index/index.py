"""The process's word index: clauses that are asked for again are loaded by a thread, and those loaded
catch up with each commit before they are read.

Without all of the clauses that it asks for, or where too much has changed, a reader gets None and
asks SQL.
"""

import os
import threading
import time
from collections.abc import Callable, Set
from weakref import WeakSet

import psycopg2
import structlog
from flask import Flask, current_app
from pyroaring import BitMap

from common.operations.metrics.registry import Counter, Gauge
from marketplace.listing.indexed.word_index.reading import read_changes, read_having
from marketplace.listing.indexed.word_index.state import Clause, WordState
from marketplace.listing.indexed.word_index.usage import ClauseUsage

log = structlog.get_logger()

EXTENSION = "word_index"
BYTES_OF_MEGABYTE = 1_000_000
# Changes per slot that a request catches up with, and the thread with one statement: the documents of so
# many tutors for each of sixteen slots are matched with each clause.
MOST_CHANGES_AT_ONCE, MOST_CHANGES_OF_A_STEP = 2, 8
# The thread rests so many times as long as its last clause took: PostgreSQL has others to answer.
PAUSE_FACTOR = 1.0
# How long a request waits for another one to catch up, before it asks SQL.
CATCH_UP_TIMEOUT_SECONDS = 0.25
# Words that must follow one another are read from each document that has them: that takes too long.
SEQUENCE = " <-> "

LOADS = Counter("word_index_loads", "Words of searches whose bitmaps were read", ["outcome"])
BYTES = Gauge("word_index_bytes", "Memory of the bitmaps of words", multiprocess_mode="livesum")


class WordIndex:
    """The bitmaps of one database's words in one process."""

    def __init__(self, app: Flask, most_bytes: int) -> None:
        """The bitmaps take `most_bytes` together: the clauses used longest ago make room. Of none, no
        clause is ever loaded."""
        self._app = app
        self._is_enabled = most_bytes > 0
        # Replaced, never changed, so that it is read without a lock.
        self._state: WordState | None = None
        self._usage = ClauseUsage(most_bytes)
        self._start_in_process()
        _indexes.add(self)

    def _start_in_process(self) -> None:
        self._usage.start_in_process()
        # Held by the one who makes the next state of the present one.
        self._advancing = threading.Lock()
        # Guards whether there is a thread.
        self._starting = threading.Lock()
        self._loader: threading.Thread | None = None

    def read(
        self,
        clauses: Set[Clause],
        revision: int | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> WordState | None:
        """A state that has all these clauses, of `revision` or a later one.

        Without a revision any state will do: the caller compares. `is_wanted` is asked where some are
        missing: whether to load them if that happens again. Raises psycopg2.Error.
        """
        state = self._state
        if state is None or not state.has_all(clauses):
            if is_wanted():
                self._want(clauses)
            return None
        self._usage.touch(clauses)
        if not state.is_whole or revision not in (None, state.revision):
            state = self._catch_up(revision)
        return state if state is not None and state.has_all(clauses) else None

    def _want(self, clauses: Set[Clause]) -> None:
        """A reader has not got these clauses: those asked for again are loaded.

        Where words of one must follow one another SQL answers always, and nothing is loaded for it.
        """
        if not self._is_enabled or any(SEQUENCE in clause for clause in clauses):
            return
        state = self._state
        self._usage.note(clauses, () if state is None else state.bitmaps)
        self._start_loader(self._usage.has_waiting)

    def _catch_up(self, revision: int | None) -> WordState | None:
        """The state of now, or of `revision`; None where that takes too long."""
        if not self._advancing.acquire(timeout=CATCH_UP_TIMEOUT_SECONDS):
            return None
        try:
            state = self._state
            if state is None or (state.is_whole and revision in (None, state.revision)):
                # By whoever was waited for.
                return state
            state = self._advance(state, MOST_CHANGES_AT_ONCE)
        finally:
            self._advancing.release()
        if state is not None and state.is_whole:
            return state
        self._start_loader(True)
        return None

    def _advance(self, state: WordState, most: int) -> WordState | None:
        """Catch up with so many changes of each slot; None where the history was lost."""
        changes = read_changes(state.slots, state.bitmaps, most)
        self._state = None if changes is None else state.after(changes)
        if self._state is None:
            self._usage.lose_all()
            BYTES.set(0)
        return self._state

    def _start_loader(self, is_wanted: bool) -> None:
        with self._starting:
            if is_wanted and self._loader is None:
                self._loader = threading.Thread(
                    target=self._load_waiting, name="word-index-loader", daemon=True
                )
                self._loader.start()

    def _load_waiting(self) -> None:
        """Catch up, step by step, and load what waits, one after the other."""
        with self._app.app_context():
            while True:
                began = time.monotonic()
                try:
                    self._catch_up_in_steps()
                    with self._starting:
                        clause = self._usage.next_waiting()
                        if clause is None:
                            self._loader = None
                            return
                    LOADS.labels("loaded" if self._load(clause) else "changed").inc()
                except psycopg2.Error as error:
                    LOADS.labels("failed").inc()
                    log.warning("words not loaded", reason=type(error).__name__)
                    with self._starting:
                        self._loader = None
                    return
                time.sleep(PAUSE_FACTOR * (time.monotonic() - began))

    def _catch_up_in_steps(self) -> None:
        is_behind = True
        while is_behind:
            with self._advancing:
                state = self._state and self._advance(self._state, MOST_CHANGES_OF_A_STEP)
            is_behind = state is not None and not state.is_whole

    def _load(self, clause: Clause) -> bool:
        """Read who has a clause, and bring this and the state to one snapshot; whether it was possible."""
        if self._state is not None and clause in self._state.bitmaps:
            return True
        slots, ids = read_having(clause)
        with self._advancing:
            state = self._state or WordState(slots, True, {})
            earlier = {slot: min(at, slots.get(slot, at)) for slot, at in state.slots.items()}
            changes = read_changes(
                earlier,
                [*state.bitmaps, clause],
                MOST_CHANGES_OF_A_STEP,
                passing=(state.slots, slots),
            )
            if changes is None or not changes.is_all:
                return False
            state = state.with_clause(clause, ids).after(changes)
            self._state = state.without(self._usage.store(clause, _size(ids)))
        BYTES.set(self._usage.bytes)
        return True

    def wait_until_loaded(self) -> None:
        """Return when nothing is being loaded."""
        loader = self._loader
        if loader is not None:
            loader.join()


def _size(ids: BitMap) -> int:
    """In bytes."""
    statistics = ids.get_statistics()
    return (
        statistics["n_bytes_array_containers"]
        + statistics["n_bytes_run_containers"]
        + statistics["n_bytes_bitset_containers"]
    )


_indexes: "WeakSet[WordIndex]" = WeakSet()


def _start_all_in_child() -> None:
    for index in list(_indexes):
        index._start_in_process()


os.register_at_fork(after_in_child=_start_all_in_child)


def init_app(app: Flask) -> None:
    """Give `app` an index, which loads nothing yet."""
    app.extensions[EXTENSION] = WordIndex(app, app.config["WORD_INDEX_MB"] * BYTES_OF_MEGABYTE)


def word_index() -> WordIndex:
    """The application's index."""
    index: WordIndex = current_app.extensions[EXTENSION]
    return index
