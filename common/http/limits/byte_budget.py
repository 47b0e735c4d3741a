"""Budgets of bytes: what one caller may have stored within a period, however many calls it takes.

Counted in each process, which tells the others by Redis within an interval (`shared_counts`). A period
begins with its first byte. Announced beside the rate limits, with the draft's unit `content-bytes`.
"""

import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from flask import Flask, current_app, g

from common.http.limits.shared_counts.stored_bytes import SECONDS, ByteCounter
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import Problem
from common.redis.client import EXTENSION as REDIS
from common.translation import Message, lazy_ngettext

EXTENSION = "byte_budgets"
SHARED = "shared_byte_budgets"
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
DAY_SECONDS = 86_400


class Limit(NamedTuple):
    """A budget as it is configured: its setting, whose it is, and its name among the policies."""

    setting: str
    key: str
    policy: str = "bytes"
    seconds: int = SECONDS
    # What other callers share is announced where it refuses, and tells nobody of them before.
    is_shared: bool = False

    @property
    def name(self) -> str:
        return f"budget:{self.setting}:{self.key}"


class Budget(NamedTuple):
    """A caller's budget after a call: its size, the bytes spent, and the seconds until it renews."""

    limit: Limit
    size: int
    spent: int
    seconds_left: int
    is_exceeded: bool = False

    @property
    def policy(self) -> str:
        return f'"{self.limit.policy}";q={self.size};w={self.limit.seconds};qu="content-bytes"'

    @property
    def state(self) -> str:
        return f'"{self.limit.policy}";r={max(0, self.size - self.spent)};t={self.seconds_left}'


class BudgetExceeded(Problem):
    """More bytes than the caller's budget has left."""

    status = 429

    def __init__(self, budget: Budget) -> None:
        super().__init__(
            _detail(budget),
            code=ProblemCode.RATE_LIMITED,
            headers={"Retry-After": str(budget.seconds_left)},
            type=QUOTA_EXCEEDED,
            **{"violated-policies": [budget.limit.policy]},
        )


def _detail(budget: Budget) -> Message:
    if budget.limit.seconds == SECONDS:
        return lazy_ngettext(
            "Too much was sent within an hour; please wait {seconds} second.",
            "Too much was sent within an hour; please wait {seconds} seconds.",
            "seconds",
            seconds=budget.seconds_left,
        )
    return lazy_ngettext(
        "Too many requests; please wait {wait} second and try again.",
        "Too many requests; please wait {wait} seconds and try again.",
        "wait",
        wait=budget.seconds_left,
    )


def spend_bytes(limits: Sequence[Limit], size: int) -> None:
    """Spend `size` bytes of each budget, or of none. Raises BudgetExceeded."""
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return
    budgets = _spend(limits, size)
    g.byte_budgets = [
        each for each in budgets if not each.limit.is_shared or each is _exceeded(budgets)
    ]
    if (exceeded := _exceeded(budgets)) is not None:
        raise BudgetExceeded(exceeded)


def spend_if_room(limits: Sequence[Limit], size: int) -> bool:
    """The same of what a request does beside its answer, which announces nothing; False beyond it."""
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return True
    return _exceeded(_spend(limits, size)) is None


def _exceeded(budgets: Sequence[Budget]) -> Budget | None:
    """The budget that had no room: the last that was asked."""
    return budgets[-1] if budgets and budgets[-1].is_exceeded else None


def _spend(limits: Sequence[Limit], size: int) -> list[Budget]:
    """Each budget after the call, up to the first that has no room; then nothing is spent."""
    counter: ByteCounter = current_app.extensions[SHARED]
    budgets = list[Budget]()
    for limit in limits:
        most: int = current_app.config[limit.setting]
        spent, seconds_left = counter.spend(limit.name, size, most, limit.seconds)
        if spent > most:
            for each in budgets:
                counter.give_back(each.limit.name, size)
            budgets = [each._replace(spent=each.spent - size) for each in budgets]
            return [*budgets, Budget(limit, most, spent - size, seconds_left, is_exceeded=True)]
        budgets.append(Budget(limit, most, spent, seconds_left))
    return budgets


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
