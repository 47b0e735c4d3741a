"""Counts public reads in the process, and tells Redis of all that were counted within an interval.

No accepted read waits for Redis. A caller is refused when the calls counted here and those of other
processes, as last known, reach the limit: what several processes let through beyond it is what
each answers to one caller within an interval.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Sequence

from limits import RateLimitItem

from common.delayed_work import DelayedWork
from common.http.moving_window import Window
from common.http.read_limits.calls import Calls
from common.http.read_limits.shared_calls import send_calls
from common.redis.client import FallbackRedis

INTERVAL_SECONDS = 0.1
# Knowledge of a caller who goes on calling is younger. Older one, of a caller who comes back, accepts
# a call, but refuses none.
STALE_SECONDS = 3 * INTERVAL_SECONDS
# Those who called last; of others this process asks Redis again.
MOST_CALLERS = 10_000


class ReadCounter:
    """The public reads of every caller of this process."""

    def __init__(self, redis: FallbackRedis, most_callers: int = MOST_CALLERS) -> None:
        self._redis = redis
        self._most_callers = most_callers
        self._forget()
        self._exchange_soon = DelayedWork(
            "read limits", self.exchange, self._forget, INTERVAL_SECONDS
        )

    def _forget(self) -> None:
        """Forget all calls, which a forked child's parent has counted."""
        self._lock = threading.Lock()
        # One exchange at a time: of two, the elder answer could be the last to come.
        self._exchanging = threading.Lock()
        self._callers: OrderedDict[str, Calls] = OrderedDict()
        # Callers of whom Redis is to learn, or to be asked.
        self._due: set[str] = set()

    def spend(self, name: str, rates: Sequence[RateLimitItem]) -> list[Window]:
        """Spend one call of the caller `name` from the window of each rate."""
        windows = self._spend(name, rates, may_refuse_by_stale=False)
        if windows is None:
            self._exchange({name})
            windows = self._spend(name, rates, may_refuse_by_stale=True)
            assert windows is not None
        return windows

    def _spend(
        self, name: str, rates: Sequence[RateLimitItem], may_refuse_by_stale: bool
    ) -> list[Window] | None:
        with self._lock:
            calls, now = self._calls_of(name, rates), time.time()
            windows = calls.spend(now)
            if not self._redis.is_configured:
                return windows
            if not may_refuse_by_stale and any(window.is_breached for window in windows):
                if calls.is_refused_by_others(windows, now, STALE_SECONDS):
                    return None
            is_first = not self._due
            self._due.add(name)
        # Once an interval: to wake a thread costs more than to count a call.
        if is_first:
            self._exchange_soon.ask()
        return windows

    def _calls_of(self, name: str, rates: Sequence[RateLimitItem]) -> Calls:
        calls = self._callers.get(name)
        if calls is None or (calls.rates is not rates and calls.rates != rates):
            calls = self._callers[name] = Calls(rates)
            if len(self._callers) > self._most_callers:
                self._callers.popitem(last=False)
        self._callers.move_to_end(name)
        return calls

    def exchange(self) -> None:
        """Tell Redis of the calls that it does not know, and learn of those of other processes."""
        with self._lock:
            due, self._due = self._due, set()
        self._exchange(due)

    def _exchange(self, names: Collection[str]) -> None:
        with self._exchanging:
            with self._lock:
                known = {name: self._callers[name] for name in names if name in self._callers}
                now = time.time()
                sent = {name: calls.take_unsent(now) for name, calls in known.items()}
            if not sent:
                return
            totals = self._redis.call(lambda redis: send_calls(redis, sent), None) or {}
            with self._lock:
                for name, calls in known.items():
                    calls.learn(sent[name], totals.get(name))

    def close(self) -> None:
        """Tell Redis what is counted, and end the thread."""
        self._exchange_soon.close()
