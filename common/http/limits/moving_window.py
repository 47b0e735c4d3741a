"""Moving windows of calls, in Redis for all processes together or in the memory of one.

A call checks all of its windows in one step, and is counted in each of them or in none.
"""

import threading
from collections import deque
from collections.abc import Collection, Sequence
from hashlib import sha1
from typing import NamedTuple, cast

from limits import RateLimitItem
from redis import Redis
from redis.exceptions import NoScriptError


class Window(NamedTuple):
    """A caller's window after a call: the calls in it, and when the first of them was."""

    rate: RateLimitItem
    calls: int
    oldest: float
    # Whether it had no room for the call.
    is_breached: bool

    @property
    def remaining(self) -> int:
        return max(0, self.rate.amount - self.calls)

    @property
    def reset_at(self) -> float:
        return self.oldest + self.rate.get_expiry()


# Timestamps may lie ahead of this machine's clock by as much as machines disagree. Beyond that the
# clock was set back, and they would block their caller until it has caught up.
SKEW_SECONDS = 10

# Each key holds the timestamps of the allowed calls, newest first. ARGV: the present, then
# the amount and the seconds of each key's window.
SCRIPT = f"local skew = {SKEW_SECONDS}" """
local now = tonumber(ARGV[1])
local result, passes = {}, true
for i, key in ipairs(KEYS) do
    local amount, seconds = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
    local newest = redis.call('lindex', key, 0)
    if newest and tonumber(newest) > now + skew then
        redis.call('del', key)
    end
    local oldest = redis.call('lindex', key, -1)
    while oldest and tonumber(oldest) < now - seconds do
        redis.call('rpop', key)
        oldest = redis.call('lindex', key, -1)
    end
    local count = redis.call('llen', key)
    passes = passes and count < amount
    result[2 * i - 1], result[2 * i] = count, oldest or ARGV[1]
end
if passes then
    for i, key in ipairs(KEYS) do
        redis.call('lpush', key, ARGV[1])
        redis.call('expire', key, ARGV[2 * i + 1] + 1)
    end
end
return result
"""
DIGEST = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


def window_key(key: str, rate: RateLimitItem) -> str:
    """The key in Redis of a caller's window."""
    # Braces: all keys of a call in one slot of a cluster.
    return f"limit:{{{key}}}:{rate.get_expiry()}"


def spend_in_redis(
    redis: Redis, key: str, rates: Sequence[RateLimitItem], now: float
) -> list[Window]:
    """Spend one call of `key` from the window of each rate, in one round trip."""
    keys = [window_key(key, rate) for rate in rates]
    arguments = [repr(now)]
    for rate in rates:
        arguments += (str(rate.amount), str(rate.get_expiry()))
    try:
        reply = redis.evalsha(DIGEST, len(keys), *keys, *arguments)
    except NoScriptError:
        reply = redis.eval(SCRIPT, len(keys), *keys, *arguments)
    found = cast(list[int | bytes], reply)
    return _after(rates, [int(each) for each in found[::2]], [float(each) for each in found[1::2]])


def _after(
    rates: Sequence[RateLimitItem], counts: Sequence[int], oldest: Sequence[float]
) -> list[Window]:
    """The windows after a call that found them with `counts`."""
    spent = all(count < rate.amount for rate, count in zip(rates, counts, strict=True))
    return [
        Window(rate, count + spent, first, count >= rate.amount)
        for rate, count, first in zip(rates, counts, oldest, strict=True)
    ]


# A window takes some 900 bytes and a call some 32: 26 MB at most.
MOST_WINDOWS_IN_MEMORY = 20_000
MOST_CALLS_IN_MEMORY = 250_000


class MemoryWindows:
    """The same in this process alone, for as long as there is no Redis.

    Bounded in memory: beyond so many windows, or calls in them, the windows that were opened first
    are forgotten, though their callers may call more often then.
    """

    def __init__(
        self,
        fewest_swept: int = 1000,
        most_windows: int = MOST_WINDOWS_IN_MEMORY,
        most_calls: int = MOST_CALLS_IN_MEMORY,
    ) -> None:
        self._fewest_swept = self._sweep_at = fewest_swept
        self._most_windows, self._most_calls = most_windows, most_calls
        # In all windows together.
        self._calls = 0
        self._lock = threading.Lock()
        self._timestamps: dict[tuple[str, int], deque[float]] = {}

    def spend(self, key: str, rates: Sequence[RateLimitItem], now: float) -> list[Window]:
        """Spend one call of `key` from the window of each rate."""
        with self._lock:
            self._sweep(now)
            found = [self._current(key, rate.get_expiry(), now) for rate in rates]
            windows = _after(
                rates,
                [len(timestamps) for timestamps in found],
                [timestamps[0] if timestamps else now for timestamps in found],
            )
            if not any(window.is_breached for window in windows):
                for timestamps in found:
                    timestamps.append(now)
                self._calls += len(found)
            self._forget_eldest({(key, rate.get_expiry()) for rate in rates})
            return windows

    def _current(self, key: str, seconds: int, now: float) -> deque[float]:
        timestamps = self._timestamps.setdefault((key, seconds), deque())
        if timestamps and timestamps[-1] > now + SKEW_SECONDS:
            self._calls -= len(timestamps)
            timestamps.clear()
        while timestamps and timestamps[0] < now - seconds:
            timestamps.popleft()
            self._calls -= 1
        return timestamps

    def _forget_eldest(self, present: Collection[tuple[str, int]]) -> None:
        """Make room where there is too much, the windows of the present call excepted."""
        while len(self._timestamps) > len(present) and (
            self._calls > self._most_calls or len(self._timestamps) > self._most_windows
        ):
            eldest = next(window for window in self._timestamps if window not in present)
            self._calls -= len(self._timestamps.pop(eldest))

    def _sweep(self, now: float) -> None:
        """Drop the windows of callers who have left; seldom, so that it costs a call next to nothing."""
        if len(self._timestamps) < self._sweep_at:
            return
        for window, timestamps in [*self._timestamps.items()]:
            if not timestamps or timestamps[-1] < now - window[1]:
                self._calls -= len(timestamps)
                del self._timestamps[window]
        self._sweep_at = max(self._fewest_swept, 2 * len(self._timestamps))
