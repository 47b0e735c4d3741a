"""Moving windows of calls, in Redis for all processes together or in the memory of one.

A call asks about all of its windows in one step, and spends from each of them or from none.
"""

import threading
from collections import deque
from collections.abc import Sequence
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


# Moments may lie ahead of this machine's clock by as much as machines disagree. Beyond that the
# clock was set back, and they would shut their caller out until it has caught up.
SKEW_SECONDS = 10

# Each key holds the moments of the calls let through, newest first. ARGV: the present, then
# the amount and the seconds of each key's window.
SCRIPT = f"local skew = {SKEW_SECONDS}" """
local now = tonumber(ARGV[1])
local answer, passes = {}, true
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
    answer[2 * i - 1], answer[2 * i] = count, oldest or ARGV[1]
end
if passes then
    for i, key in ipairs(KEYS) do
        redis.call('lpush', key, ARGV[1])
        redis.call('expire', key, ARGV[2 * i + 1] + 1)
    end
end
return answer
"""
DIGEST = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


def spend_in_redis(
    redis: Redis, key: str, rates: Sequence[RateLimitItem], now: float
) -> list[Window]:
    """Spend one call of `key` from the window of each rate, in one round trip."""
    keys = [f"limit:{key}:{rate.get_expiry()}" for rate in rates]
    arguments = [repr(now)]
    for rate in rates:
        arguments += (str(rate.amount), str(rate.get_expiry()))
    try:
        answer = redis.evalsha(DIGEST, len(keys), *keys, *arguments)
    except NoScriptError:
        answer = redis.eval(SCRIPT, len(keys), *keys, *arguments)
    found = cast(list[int | bytes], answer)
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


class MemoryWindows:
    """The same in this process alone, for as long as there is no Redis."""

    def __init__(self, fewest_swept: int = 1000) -> None:
        self._fewest_swept = self._sweep_at = fewest_swept
        self._lock = threading.Lock()
        self._moments: dict[tuple[str, int], deque[float]] = {}

    def spend(self, key: str, rates: Sequence[RateLimitItem], now: float) -> list[Window]:
        """Spend one call of `key` from the window of each rate."""
        with self._lock:
            self._sweep(now)
            found = [self._current(key, rate.get_expiry(), now) for rate in rates]
            windows = _after(
                rates,
                [len(moments) for moments in found],
                [moments[0] if moments else now for moments in found],
            )
            if not any(window.is_breached for window in windows):
                for moments in found:
                    moments.append(now)
            return windows

    def _current(self, key: str, seconds: int, now: float) -> deque[float]:
        moments = self._moments.setdefault((key, seconds), deque())
        if moments and moments[-1] > now + SKEW_SECONDS:
            moments.clear()
        while moments and moments[0] < now - seconds:
            moments.popleft()
        return moments

    def _sweep(self, now: float) -> None:
        """Forget the callers who have left; seldom, so that it costs a call next to nothing."""
        if len(self._moments) < self._sweep_at:
            return
        for window, moments in [*self._moments.items()]:
            if not moments or moments[-1] < now - window[1]:
                del self._moments[window]
        self._sweep_at = max(self._fewest_swept, 2 * len(self._moments))
