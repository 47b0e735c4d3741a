"""The calls of one caller: those of this process one by one, and how many others have answered."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from limits import RateLimitItem

from common.http.limits.moving_window import SKEW_SECONDS, Window


class Total(NamedTuple):
    """What Redis holds of a window: the calls of all processes, and when the first of them was."""

    calls: int
    oldest: float


class Unsent(NamedTuple):
    """What Redis is to learn of a caller: the times (Unix seconds) of calls it does not know."""

    rates: Sequence[RateLimitItem]
    times: Sequence[float]
    # Of this process, by window, once `times` are in Redis.
    own: Sequence[int]
    now: float


class Calls:
    """A caller's calls within the longest window of their rates."""

    __slots__ = ("_asked_at", "_known_at", "_others", "_seconds", "_times", "_unsent", "rates")

    def __init__(self, rates: Sequence[RateLimitItem]) -> None:
        self.rates = rates
        # The length of each window.
        self._seconds = [rate.get_expiry() for rate in rates]
        # Of this process, oldest first: eight bytes a call. Some at the beginning may have passed.
        self._times = array("d")
        # How many of the newest Redis has not been told.
        self._unsent = 0
        self._others: Sequence[Total] = ()
        # When `_others` was read, and when it was tried last.
        self._known_at = self._asked_at = 0.0

    def spend(self, now: float) -> list[Window]:
        """Spend a call from the window of each rate if all have room, as far as is known here."""
        times = self._times
        if times and times[-1] > now + SKEW_SECONDS:
            # The clock was set back, and they would block their caller until it has caught up.
            del times[:]
            self._unsent = 0
        elif times:
            # Times stay in order, whatever the clock does within the skew.
            now = max(now, times[-1])
        found = list[tuple[RateLimitItem, int, float]]()
        is_spent = True
        for at, start in enumerate(self._starts(now)):
            rate = self.rates[at]
            calls, oldest = self._found(at, start, now)
            found.append((rate, calls, oldest))
            is_spent = is_spent and calls < rate.amount
        if is_spent:
            times.append(now)
            self._unsent += 1
        return [
            Window(rate, calls + is_spent, oldest, calls >= rate.amount)
            for rate, calls, oldest in found
        ]

    def is_refused_by_others(self, windows: Sequence[Window], now: float, seconds: float) -> bool:
        """Whether windows are full by the calls of others, of which nobody asked for `seconds`."""
        if abs(now - self._asked_at) < seconds:
            return False
        own = (len(self._times) - start for start in self._starts(now))
        return not any(
            window.is_breached and calls >= window.rate.amount
            for window, calls in zip(windows, own, strict=True)
        )

    def take_unsent(self, now: float) -> Unsent:
        """What Redis does not know yet, which the caller sends: it is handed out once."""
        times = self._times
        if times:
            now = max(now, times[-1])
        starts = self._starts(now)
        own = [len(times) - start for start in starts]
        # What has passed every window meanwhile is of no use to others.
        first = max(len(times) - self._unsent, min(starts))
        unsent = times[first:] if first < len(times) else ()
        self._unsent = 0
        return Unsent(self.rates, unsent, own, now)

    def learn(self, sent: Unsent, totals: Sequence[Total] | None) -> None:
        """Take over what Redis answered, or that it did not: then this process goes on by itself,
        and what it could not send is told to nobody, as Redis may have it and not have said so."""
        self._asked_at = sent.now
        if totals is None:
            return
        self._known_at = sent.now
        self._others = [
            Total(max(0, total.calls - own), total.oldest)
            for total, own in zip(totals, sent.own, strict=True)
        ]

    def _starts(self, now: float) -> list[int]:
        """Where each window begins in the times."""
        times = self._times
        starts = [bisect_left(times, now - seconds) for seconds in self._seconds]
        passed = min(starts)
        # Dropped when they are half of all: to close a gap, all others are moved.
        if passed and 2 * passed >= len(times):
            del times[:passed]
            self._unsent = min(self._unsent, len(times))
            starts = [start - passed for start in starts]
        return starts

    def _found(self, at: int, start: int, now: float) -> tuple[int, float]:
        """How many calls of a window are known, `start` being its first in the times, and when the
        first of them was."""
        times = self._times
        own, oldest = len(times) - start, times[start] if start < len(times) else now
        # After a window's length all calls that were known then have left it.
        if not self._others or not 0 <= now - self._known_at <= self._seconds[at]:
            return own, oldest
        others = self._others[at]
        if not others.calls:
            return own, oldest
        # Their first may have left the window since; then the next is not known.
        first = max(others.oldest, now - self._seconds[at])
        return own + others.calls, min(oldest, first)
