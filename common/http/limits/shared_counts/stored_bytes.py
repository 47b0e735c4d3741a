"""Bytes that callers have stored within a period, an hour or a day, which begins with the first of them.

Counted in the process, and told to Redis within an interval. A call is refused when the bytes counted
here and those of other processes, as last known, would exceed the limit.
"""

import time
from collections.abc import Mapping
from typing import NamedTuple

from redis import Redis

from common.redis import exchange
from common.redis.client import FallbackRedis
from common.redis.exchange import Exchange

SECONDS = 3600
# Redis tells whole seconds. An end that differs by more is that of another hour.
SAME_END_SECONDS = 5


class Unsent(NamedTuple):
    """Bytes that Redis is to learn of, and all of this process's period once it has."""

    size: int
    own: int
    now: float
    # The period's length.
    seconds: int = SECONDS


class Hour(NamedTuple):
    """What Redis holds: the bytes of all processes, and how long the hour (or day) goes on."""

    size: int
    seconds_left: int


class StoredBytes:
    """The bytes of one caller's period of so many seconds."""

    __slots__ = ("_ends_at", "_others", "_own", "_seconds", "_unsent")

    def __init__(self, seconds: int = SECONDS) -> None:
        self._seconds = seconds
        self._own = self._others = self._unsent = 0
        self._ends_at = 0.0

    def spend(self, size: int, limit: int, now: float) -> tuple[int, int]:
        """Spend `size` bytes if `limit` has room; returns the bytes spent, these included, and the
        seconds left."""
        if not now < self._ends_at <= now + self._seconds + SAME_END_SECONDS:
            self._own = self._others = self._unsent = 0
            self._ends_at = now + self._seconds
        spent = self._own + self._others + size
        if spent <= limit:
            self._own += size
            self._unsent += size
        return spent, min(self._seconds, max(1, round(self._ends_at - now)))

    def give_back(self, size: int) -> None:
        """Take back what was spent a moment ago and is not stored after all."""
        self._own -= size
        self._unsent -= size

    def take_unsent(self, now: float) -> Unsent:
        """The bytes that Redis does not know: they are handed out once."""
        size, self._unsent = self._unsent, 0
        return Unsent(size, self._own, now, self._seconds)

    def learn(self, sent: Unsent, answer: Hour | None) -> None:
        """Take over what Redis answered: its hour is that of all processes."""
        if answer is None:
            return
        ends_at, own = sent.now + answer.seconds_left, sent.own
        if abs(ends_at - self._ends_at) > SAME_END_SECONDS:
            # An hour that others began, or a new one: of this process it has what was sent.
            own = sent.size
            self._own = own + self._unsent
        self._ends_at = ends_at
        self._others = max(0, answer.size - own)


def send_bytes(redis: Redis, sent: Mapping[str, Unsent]) -> dict[str, Hour]:
    """Tell Redis the bytes of each caller. Raises RedisError; some may be told then."""
    pipeline = redis.pipeline()
    for name, unsent in sent.items():
        pipeline.set(name, 0, ex=unsent.seconds, nx=True)
        pipeline.incrby(name, unsent.size)
        pipeline.ttl(name)
    replies = pipeline.execute()
    hours = {
        name: Hour(size, seconds_left)
        for name, size, seconds_left in zip(sent, replies[1::3], replies[2::3], strict=True)
    }
    for name, hour in hours.items():
        if hour.seconds_left < 0:
            # In a cluster, where the commands are no transaction, it may end between two of them.
            redis.expire(name, sent[name].seconds)
    return hours


class ByteCounter:
    """The bytes of every caller of this process."""

    def __init__(self, redis: FallbackRedis, most_callers: int = exchange.MOST_CALLERS) -> None:
        self.exchange = Exchange[StoredBytes, Unsent, Hour](
            "byte budgets", redis, send_bytes, most_callers
        )

    def spend(self, name: str, size: int, limit: int, seconds: int = SECONDS) -> tuple[int, int]:
        """Spend `size` bytes of the caller `name` if `limit` has room; returns the bytes spent, these
        included, and the seconds left of the period, which is `seconds` long."""
        counts = self.exchange
        with counts.lock:
            stored = counts.find(name) or counts.add(name, StoredBytes(seconds))
            spent, seconds_left = stored.spend(size, limit, time.time())
            # What is refused stays refused until the period ends.
            is_first = spent <= limit and counts.have_exchanged(name)
        if is_first:
            counts.exchange_soon()
        return spent, seconds_left

    def give_back(self, name: str, size: int) -> None:
        """Take back what `spend` has spent for something that is not stored after all."""
        with self.exchange.lock:
            stored = self.exchange.find(name)
            if stored is not None:
                stored.give_back(size)

    def close(self) -> None:
        """Tell Redis what is counted, and end the thread."""
        self.exchange.close()
