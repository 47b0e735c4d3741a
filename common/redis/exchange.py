"""Counts that a process keeps by itself and shares with others by Redis, in the background.

What many callers have spent within an interval is told in one call. No request waits for it, unless it
asks. While Redis is away, a process goes on by its own counts.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, Protocol, TypeVar

from redis import Redis

from common.background.delayed_work import DelayedWork
from common.redis.client import FallbackRedis

Message = TypeVar("Message")
Answer = TypeVar("Answer")
Sent = TypeVar("Sent")
Told = TypeVar("Told", contravariant=True)

INTERVAL_SECONDS = 0.1
# Those who called last; of others this process asks Redis again.
MOST_CALLERS = 10_000


class Count(Protocol[Sent, Told]):
    """What one caller has spent, as far as this process knows."""

    def take_unsent(self, now: float) -> Sent:
        """What Redis does not know yet, which the caller sends: it is handed out once."""

    def learn(self, sent: Sent, answer: Told | None) -> None:
        """Take over what Redis answered, or that it did not: then what was sent is sent to nobody, as
        Redis may have it and not have said so, and would count it twice."""


CountOf = TypeVar("CountOf", bound=Count[Any, Any])


class Exchange(Generic[CountOf, Message, Answer]):
    """The counts of the callers of this process. Those who read or change one hold `lock`."""

    def __init__(
        self,
        name: str,
        redis: FallbackRedis,
        send: Callable[[Redis, Mapping[str, Message]], Mapping[str, Answer]],
        most_callers: int,
    ) -> None:
        self._redis, self._send = redis, send
        self._most_callers = most_callers
        self._forget()
        self._soon = DelayedWork(name, self.exchange, self._forget, INTERVAL_SECONDS)

    def _forget(self) -> None:
        """Forget all counts, which in a forked child are its parent's."""
        self.lock = threading.Lock()
        # One at a time: of two, the elder answer could be the last to come.
        self._exchanging = threading.Lock()
        self._counts: OrderedDict[str, CountOf] = OrderedDict()
        self._due: set[str] = set()

    @property
    def is_shared(self) -> bool:
        """Whether there is a Redis to share with."""
        return self._redis.is_configured

    def find(self, name: str) -> CountOf | None:
        """The caller's count, if it is known."""
        count = self._counts.get(name)
        if count is not None:
            self._counts.move_to_end(name)
        return count

    def add(self, name: str, count: CountOf) -> CountOf:
        """Begin a caller's count, and forget who called longest ago where they are too many."""
        self._counts[name] = count
        self._counts.move_to_end(name)
        if len(self._counts) > self._most_callers:
            self._counts.popitem(last=False)
        return count

    def have_exchanged(self, name: str) -> bool:
        """Have the caller's count exchanged with the next; whether it is the first, of which
        `exchange_soon` must be told."""
        if not self._redis.is_configured:
            return False
        is_first = not self._due
        self._due.add(name)
        return is_first

    def exchange_soon(self) -> None:
        """Begin an interval. Once in each: to wake a thread costs more than to count a call."""
        self._soon.ask()

    def exchange(self) -> None:
        """Tell Redis what it does not know of all who are due, and learn what others have counted."""
        with self.lock:
            due, self._due = self._due, set()
        self.exchange_now(due)

    def exchange_now(self, names: Collection[str]) -> None:
        """The same of the callers named, while the present thread waits."""
        with self._exchanging:
            with self.lock:
                counts = {name: self._counts[name] for name in names if name in self._counts}
                now = time.time()
                sent = {name: count.take_unsent(now) for name, count in counts.items()}
            if not sent:
                return
            answers = self._redis.call(lambda redis: self._send(redis, sent), None) or {}
            with self.lock:
                for name, count in counts.items():
                    count.learn(sent[name], answers.get(name))

    def close(self) -> None:
        """Tell Redis what is counted, and end the thread."""
        self._soon.close()
