"""Implicit events: queued by requests, written in batches by one thread per process.

A request neither waits for them nor fails because of them. A killed process can lose the last
flush window (100 ms); a process that ends in order drains its queue first.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from activity.partitions import keep_partitions_ahead
from activity.queue.batch import Queued, write_batch
from activity.queue.tasks import Task, run_tasks
from activity.retention.maintenance import Retention, maintain
from common import clock
from common.background.thread import BackgroundThread
from common.database.session import ENGINE_URL, commit_asynchronously
from common.http.problems.transient_failures import is_transient
from common.operations.metrics.registry import Counter

log = structlog.get_logger()

BATCH = 500
FLUSH_SECONDS = 0.1
LONGEST_BACKOFF_SECONDS = 2.0
DRAIN_SECONDS = 5.0
MAINTENANCE_EVERY = timedelta(days=1)
MAINTENANCE_RETRY = timedelta(minutes=10)
# Between steps, while much is left to expire.
MAINTENANCE_PAUSE = timedelta(seconds=1)

WRITTEN = Counter("activity_events_written", "Implicit events stored")
DROPPED = Counter(
    "activity_events_dropped", "Implicit events dropped by a full queue or beyond a user's budget"
)
FAILED = Counter("activity_events_failed", "Implicit events that could not be stored at all")


class EventQueue(BackgroundThread):
    """A bounded queue and the one thread that empties it, started by the first event.

    A thread that ends drains the queue; what cannot be written by its deadline is counted as dropped.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        capacity: int,
        retention: Retention = Retention(),
        tasks: Sequence[Task] = (),
        is_flushed: bool = False,
    ) -> None:
        self._options = dict(options)
        # Whether commits wait for the disk.
        self._is_flushed = is_flushed
        self._capacity = capacity
        self._retention = retention
        self._tasks = tasks
        super().__init__("events")

    def _reset(self) -> None:
        super()._reset()
        self._waiting: deque[Queued] = deque()
        self._window_ends = 0.0
        self._in_flight = 0
        self._flush_requested = False
        self._maintenance_due: datetime | None = None

    def put(self, event: Queued) -> bool:
        """Queue an event; False when the queue is full and the event is dropped."""
        with self._changed:
            if self._depth() >= self._capacity:
                DROPPED.inc()
                return False
            if not self._waiting:
                self._window_ends = time.monotonic() + FLUSH_SECONDS
            self._waiting.append(event)
            if self._thread is None:
                self._start()
            # The first event opens a window and a full batch closes it; in between, waking
            # the writer would cost each request a switch of threads.
            if len(self._waiting) == 1 or len(self._waiting) >= BATCH:
                self._changed.notify_all()
        return True

    def depth(self) -> int:
        """How many events are queued or being written."""
        with self._changed:
            return self._depth()

    def _depth(self) -> int:
        return len(self._waiting) + self._in_flight

    def drain(self, seconds: float = DRAIN_SECONDS) -> bool:
        """Write everything queued by now, without waiting for the window; False if it could not."""
        with self._changed:
            self._flush_requested = True
            self._changed.notify_all()
            emptied = self._changed.wait_for(lambda: self._depth() == 0, seconds)
            self._flush_requested = False
            return emptied

    def _run(self) -> None:
        engine = self._engine()
        try:
            while batch := self._take():
                self._write(engine, batch)
                with self._changed:
                    self._in_flight = 0
                    self._changed.notify_all()
        finally:
            self._in_flight = 0
            engine.dispose()

    def _engine(self) -> Engine:
        """The writer's own connection: requests that exhaust their pool do not stop it."""
        options = dict(self._options)
        options |= {"pool_size": 1, "max_overflow": 0, "pool_pre_ping": True}
        engine = create_engine(ENGINE_URL, **options)
        if not self._is_flushed:
            commit_asynchronously(engine)
        return engine

    def _take(self) -> list[Queued]:
        """The next batch, once full or FLUSH_SECONDS old; empty when the thread is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_ending)
            # Since its first event came, not since the last batch was written: a slow write must
            # not be added to the window that a killed process loses.
            self._changed.wait_for(
                lambda: self._flush_requested or self._is_ending or len(self._waiting) >= BATCH,
                max(0.0, self._window_ends - time.monotonic()),
            )
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._in_flight = len(batch)
            return batch

    def _write(self, engine: Engine, batch: list[Queued]) -> None:
        """Write `batch`, again and again while the database is away."""
        backoff = FLUSH_SECONDS
        while True:
            try:
                self._prepare(engine)
                run_tasks(self._tasks, engine)
                WRITTEN.inc(write_batch(engine, batch))
                return
            except DBAPIError as error:
                if not is_transient(error):
                    self._write_by_bisection(engine, batch)
                    return
                log.warning("events wait, database away", error=type(error).__name__)
            except Exception as error:
                # The writer must outlive whatever one batch does to it.
                log.error("events lost", error=type(error).__name__, events=len(batch))
                FAILED.inc(len(batch))
                return
            if self._deadline_passed_after(backoff):
                DROPPED.inc(len(batch))
                return
            backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)

    def _write_by_bisection(self, engine: Engine, batch: list[Queued]) -> None:
        """Find the event that spoils its batch by halving, and lose that one only."""
        if len(batch) == 1:
            log.error("event refused by the database", action=batch[0].action)
            FAILED.inc()
            return
        middle = len(batch) // 2
        self._write(engine, batch[:middle])
        self._write(engine, batch[middle:])

    def _deadline_passed_after(self, backoff: float) -> bool:
        """Wait before the next try; True when the process ends and its time is over."""
        with self._changed:
            if self._deadline is None:
                self._changed.wait_for(lambda: self._deadline is not None, backoff)
            else:
                self._changed.wait(FLUSH_SECONDS)
            return self._deadline is not None and time.monotonic() >= self._deadline

    def _prepare(self, engine: Engine) -> None:
        """Once a day, make the coming months' partitions and expire what is too old."""
        now = clock.now()
        if self._maintenance_due is not None and now < self._maintenance_due:
            return
        try:
            keep_partitions_ahead(engine)
            is_more_left = maintain(engine, self._retention)
            self._maintenance_due = now + (MAINTENANCE_PAUSE if is_more_left else MAINTENANCE_EVERY)
        except SQLAlchemyError as error:
            # The default partition takes the events meanwhile.
            self._maintenance_due = now + MAINTENANCE_RETRY
            log.warning("log not maintained", error=type(error).__name__)
