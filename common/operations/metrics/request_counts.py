"""Requests and their statements by route, counted as plain numbers until they are sampled.

A histogram whose workers share their counts takes an addition to a mapped file for each of a request's
four series; here a request costs one addition of numbers under a lock. A process that is killed loses
what it has counted within the last second.
"""

import atexit
import os
from bisect import bisect_left
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import NamedTuple

from common.operations.metrics.registry import Counter, Histogram, reserve_series

METHODS = {"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"}
# In seconds, both ends included; slower requests are in a last one without an end.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class SummedHistogram(Histogram):
    """A histogram to which many observations are added at once."""

    def add(self, counts: list[int], seconds: float) -> None:
        """Add observations by their number in each bucket, and the sum of their values."""
        # The library has no public method for it; a test compares the two.
        self._sum.inc(seconds)
        for bucket, count in zip(self._buckets, counts, strict=True):
            if count:
                bucket.inc(count)


REQUESTS = SummedHistogram(
    "http_request_seconds",
    "Time to answer a request",
    ["route", "method", "status"],
    buckets=BUCKETS,
)
STATEMENT_SECONDS = Counter(
    "database_statement_seconds", "Time that statements of requests took", ["route"]
)
STATEMENTS = Counter("database_statements", "Statements of requests", ["route"])


class Labels(NamedTuple):
    """What a request is counted under. `route` is a URL rule, so that there are few."""

    route: str
    method: str
    status: int


class Counts:
    """What was counted under the same labels since the last sample."""

    __slots__ = ("by_bucket", "seconds", "statement_seconds", "statements")

    def __init__(self) -> None:
        self.by_bucket = [0] * (len(BUCKETS) + 1)
        self.seconds = self.statement_seconds = 0.0
        self.statements = 0


class _Pending:
    """The counts of this process that are in no metric yet."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew in a forked child: the counts are its parent's, and so may be the lock."""
        self.lock = Lock()
        self.counts: dict[tuple[str, str, int], Counts] = {}

    def take(self) -> dict[tuple[str, str, int], Counts]:
        with self.lock:
            taken, self.counts = self.counts, {}
        return taken


_pending = _Pending()
os.register_at_fork(after_in_child=_pending.reset)


def count_request(
    route: str,
    method: str,
    status: int,
    seconds: float,
    statement_seconds: float,
    statements: int,
) -> None:
    """Count one answered request, the time it took, and its statements with theirs."""
    labels = route, method if method in METHODS else "other", status
    with _pending.lock:
        counts = _pending.counts.get(labels)
        if counts is None:
            counts = _pending.counts[labels] = Counts()
        counts.by_bucket[bisect_left(BUCKETS, seconds)] += 1
        counts.seconds += seconds
        counts.statement_seconds += statement_seconds
        counts.statements += statements


def sample_requests() -> None:
    """Add what was counted to the metrics, for whoever scrapes any of the workers."""
    for labels, counts in _pending.take().items():
        try:
            _add(Labels(*labels), counts)
        except Exception:
            # The shared files do not grow on a full disk; then these counts are lost.
            _request_series.cache_clear()
            _statement_series.cache_clear()


def _add(labels: Labels, counts: Counts) -> None:
    _request_series(labels).add(counts.by_bucket, counts.seconds)
    if counts.statements:
        time_series, number_series = _statement_series(labels.route)
        time_series.inc(counts.statement_seconds)
        number_series.inc(counts.statements)


@cache
def _request_series(labels: Labels) -> SummedHistogram:
    reserve_series()
    return REQUESTS.labels(labels.route, labels.method, str(labels.status))


@cache
def _statement_series(route: str) -> tuple[Counter, Counter]:
    reserve_series()
    return STATEMENT_SECONDS.labels(route), STATEMENTS.labels(route)


@atexit.register
def _sample_the_last() -> None:
    """What a process counted last; gunicorn's workers come here when they are told to stop."""
    with suppress(Exception):
        sample_requests()
