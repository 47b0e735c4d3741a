"""Budgets of bytes: what one caller may have stored within an hour, however many calls it takes.

Counted in each process, which tells the others by Redis within an interval (`shared_counts`). An hour
begins with its first byte. Announced beside the rate limits, with the draft's unit `content-bytes`.
"""

import threading
import time
from typing import NamedTuple

from flask import Flask, current_app, g

from common.http.errors import Problem
from common.http.problem_codes import ProblemCode
from common.http.shared_counts.stored_bytes import SECONDS, ByteCounter
from common.redis.client import EXTENSION as REDIS
from common.translation import lazy_ngettext

EXTENSION = "byte_budgets"
SHARED = "shared_byte_budgets"
POLICY = "bytes"
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


class Budget(NamedTuple):
    """A caller's budget after a call: its size, the bytes spent, and the seconds until it renews."""

    size: int
    spent: int
    seconds_left: int

    @property
    def policy(self) -> str:
        return f'"{POLICY}";q={self.size};w={SECONDS};qu="content-bytes"'

    @property
    def state(self) -> str:
        return f'"{POLICY}";r={max(0, self.size - self.spent)};t={self.seconds_left}'


class BudgetExceeded(Problem):
    """More bytes than the caller's budget has left."""

    status = 429

    def __init__(self, budget: Budget) -> None:
        super().__init__(
            lazy_ngettext(
                "Too much was sent within an hour; please wait {seconds} second.",
                "Too much was sent within an hour; please wait {seconds} seconds.",
                "seconds",
                seconds=budget.seconds_left,
            ),
            code=ProblemCode.RATE_LIMITED,
            headers={"Retry-After": str(budget.seconds_left)},
            type=QUOTA_EXCEEDED,
            **{"violated-policies": [POLICY]},
        )


def spend_bytes(setting: str, key: str, size: int) -> None:
    """Spend `size` bytes of the budget that `setting` gives to `key`. Raises BudgetExceeded."""
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return
    limit: int = current_app.config[setting]
    name = f"budget:{setting}:{key}"
    shared: ByteCounter = current_app.extensions[SHARED]
    spent, seconds_left = shared.spend(name, size, limit)
    budget = Budget(limit, spent if spent <= limit else spent - size, seconds_left)
    g.byte_budgets = [budget]
    if spent > limit:
        raise BudgetExceeded(budget)


def spend_in_process(setting: str, key: str, size: int) -> bool:
    """Spend from a budget of this process alone, which costs no round trip; False beyond it.

    For what is stored beside a response: many processes together allow as many budgets.
    """
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return True
    limit: int = current_app.config[setting]
    budgets: MemoryBudgets = current_app.extensions[EXTENSION]
    spent, _ = budgets.spend(f"{setting}:{key}", size, limit, time.monotonic())
    return spent <= limit


class MemoryBudgets:
    """Budgets of this process alone."""

    def __init__(self, most_callers: int = 10_000) -> None:
        self._most_callers = most_callers
        self._lock = threading.Lock()
        self._spent: dict[str, tuple[int, float]] = {}

    def spend(self, name: str, size: int, limit: int, now: float) -> tuple[int, int]:
        with self._lock:
            spent, ends_at = self._spent.get(name, (0, 0.0))
            if now >= ends_at:
                spent, ends_at = 0, now + SECONDS
                self._sweep(now)
            if spent + size <= limit:
                self._spent[name] = spent + size, ends_at
            return spent + size, max(1, round(ends_at - now))

    def _sweep(self, now: float) -> None:
        """Drop the callers whose hour is over, and everybody should there still be too many."""
        if len(self._spent) < self._most_callers:
            return
        self._spent = {name: each for name, each in self._spent.items() if each[1] > now}
        if len(self._spent) >= self._most_callers:
            self._spent.clear()


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = MemoryBudgets()
    app.extensions[SHARED] = ByteCounter(app.extensions[REDIS])
