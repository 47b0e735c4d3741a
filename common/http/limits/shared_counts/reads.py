"""Counts public reads in the process, and tells Redis of all that were counted within an interval.

No accepted read waits for Redis. A caller is refused when the calls counted here and those of other
processes, as last known, reach the limit: what several processes let through beyond it is what
each answers to one caller within an interval.
"""

import time
from collections.abc import Sequence

from limits import RateLimitItem

from common.http.limits.moving_window import Window
from common.http.limits.shared_counts.calls import Calls, Total, Unsent
from common.http.limits.shared_counts.shared_calls import send_calls
from common.redis import exchange
from common.redis.client import FallbackRedis
from common.redis.exchange import Exchange

# Knowledge of a caller who goes on calling is younger. Older one, of a caller who comes back, accepts
# a call, but refuses none.
STALE_SECONDS = 3 * exchange.INTERVAL_SECONDS


class ReadCounter:
    """The public reads of every caller of this process."""

    def __init__(self, redis: FallbackRedis, most_callers: int = exchange.MOST_CALLERS) -> None:
        self.exchange = Exchange[Calls, Unsent, Sequence[Total]](
            "read limits", redis, send_calls, most_callers
        )

    def spend(self, name: str, rates: Sequence[RateLimitItem]) -> list[Window]:
        """Spend one call of the caller `name` from the window of each rate."""
        windows = self._spend(name, rates, may_refuse_by_stale=False)
        if windows is None:
            self.exchange.exchange_now({name})
            windows = self._spend(name, rates, may_refuse_by_stale=True)
            assert windows is not None
        return windows

    def _spend(
        self, name: str, rates: Sequence[RateLimitItem], may_refuse_by_stale: bool
    ) -> list[Window] | None:
        counts = self.exchange
        with counts.lock:
            calls, now = counts.find(name), time.time()
            if calls is None or (calls.rates is not rates and calls.rates != rates):
                calls = counts.add(name, Calls(rates))
            windows = calls.spend(now)
            if not may_refuse_by_stale and any(window.is_breached for window in windows):
                if calls.is_refused_by_others(windows, now, STALE_SECONDS):
                    return None
            is_first = counts.have_exchanged(name)
        if is_first:
            counts.exchange_soon()
        return windows

    def close(self) -> None:
        """Tell Redis what is counted, and end the thread."""
        self.exchange.close()
