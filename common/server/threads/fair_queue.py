"""Which request gets the next free thread: that of the client who has had the least of them lately.

In the order of arrival, a few clients who never pause would have everybody wait behind them. Here
they wait for each other. What a client has used is forgotten by halves, as a Unix scheduler forgets
what a process has used ("decay usage scheduling").

Who has used much pauses between requests while there are others, so that a part of the processor
stays free for these: a thread that answers a flood shares the interpreter with the one that answers
a visitor. Where there is nobody else, no thread is idle while a request waits.

A client is an address, as for limits. Everybody behind one address shares its turn, so such people
wait while the service is full, and are never refused for it.
"""

import math
from collections import deque
from functools import lru_cache
from typing import Any, Generic, TypeVar

from common.http.limits.rate_limit import address_of
from common.http.middleware.host import LONGEST_ADDRESS, client_address

HALF_LIFE_SECONDS = 10.0
# More clients than this are remembered only while they have used the threads for longer than the bit.
MOST_CLIENTS = 10_000
NEGLIGIBLE_SECONDS = 0.01
# Who has used more seconds than this lately pauses after each request for so long that it has this
# share of one thread; yet no longer than a person waits without noticing.
ALLOWANCE_SECONDS = 0.5
SHARE = 0.1
LONGEST_PAUSE_SECONDS = 0.25
# It does so for others who have been answered within these seconds.
CONTENDED_SECONDS = 1.0
# One in so many goes by how long it waits: else newcomers without end would keep others waiting for ever.
TURNS = 8

T = TypeVar("T")


class FairQueue(Generic[T]):
    """What waits for one of so many `places`; used by the worker's loop alone."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._taken = 0
        self._waiting: dict[str, deque[T]] = {}
        # Seconds of threads by client, each as if it had been used at `_epoch`: so scaled, what is
        # used later weighs more, and what was used need not be touched to be forgotten.
        self._used: dict[str, float] = {}
        self._epoch = 0.0
        # Until when clients pause, and who was answered last of those who need not.
        self._pauses: dict[str, float] = {}
        self._light: tuple[str, float] = ("", -math.inf)

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def add(self, client: str, item: T) -> None:
        """Have `item` wait for a place."""
        self._waiting.setdefault(client, deque()).append(item)

    def take(self, now: float) -> T | None:
        """What is next, which then holds a place; None if nothing may or no place is free.

        `now` is a time of the monotonic clock in seconds; if it is infinite, nobody pauses.
        """
        if not self._waiting or not self._free:
            return None
        ready = [client for client in self._waiting if self._pause_end(client, now) <= now]
        if not ready:
            return None
        self._taken += 1
        if self._taken % TURNS:
            # Of equals the first in the dictionary, who waits longest.
            client = min(ready, key=lambda each: self._used.get(each, 0.0))
        else:
            client = ready[0]
        # Whatever else waits for this client stands at the end of the dictionary.
        items = self._waiting.pop(client)
        item = items.popleft()
        if items:
            self._waiting[client] = items
        self._free -= 1
        return item

    def free(self, client: str, seconds: float, now: float) -> None:
        """Give back a place that `client` has held for so long until `now`, in seconds."""
        self._free += 1
        age = (now - self._epoch) / HALF_LIFE_SECONDS
        if age > 100 or max(len(self._used), len(self._pauses)) > MOST_CLIENTS:
            self._forget(now)
            age = 0.0
        used = self._used[client] = self._used.get(client, 0.0) + seconds * math.exp2(age)
        if used <= ALLOWANCE_SECONDS * math.exp2(age):
            self._light = client, now
        else:
            self._pauses[client] = now + min(LONGEST_PAUSE_SECONDS, seconds * (1 / SHARE - 1))

    def seconds_to_next(self, now: float) -> float:
        """How long nothing may be taken although a place is free; infinite if nothing waits for that."""
        if not self._waiting or not self._free:
            return math.inf
        return max(0.0, min(self._pause_end(client, now) for client in self._waiting) - now)

    def _pause_end(self, client: str, now: float) -> float:
        """When that client may be next, as far as is known `now`."""
        end = self._pauses.get(client, 0.0)
        if end <= now:
            self._pauses.pop(client, None)
            return end
        other, answered_at = self._light
        return 0.0 if other == client else min(end, answered_at + CONTENDED_SECONDS)

    def _forget(self, now: float) -> None:
        """Count from `now` on, and of those only who have used more than a little."""
        decay = math.exp2((self._epoch - now) / HALF_LIFE_SECONDS)
        self._used = {
            client: used * decay
            for client, used in self._used.items()
            if used * decay > NEGLIGIBLE_SECONDS
        }
        if len(self._used) > MOST_CLIENTS:
            self._used.clear()
        self._pauses = {client: end for client, end in self._pauses.items() if end > now}
        self._epoch = now


def caller_of(peer: Any, forwarded_for: str) -> str:
    """Whose request it is: by the socket address of its peer, or the client that proxies name."""
    # A listener on a Unix socket has peers without an address.
    address = forwarded_for or (peer[0] if isinstance(peer, tuple) else "")
    return _caller(address if len(address) <= LONGEST_ADDRESS else "")


@lru_cache(MOST_CLIENTS)
def _caller(address: str) -> str:
    return address_of(client_address(address))
