"""Rate limits: counted in Redis across all workers, per process while Redis is away.

Every call asks Redis, except for public reads: `shared_counts` counts them in the process first.

A limit names the setting that holds its rates. What it leaves is announced in the
`RateLimit` and `RateLimit-Policy` headers (IETF draft-ietf-httpapi-ratelimit-headers-10).
"""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter, RequestLimit
from flask_limiter.errors import RateLimitExceeded
from limits import RateLimitItem, parse_many
from limits.strategies import STRATEGIES, MovingWindowRateLimiter

from common.http.acting_accounts import confirm_caller
from common.http.auth import current_user_id
from common.http.limits import byte_budget
from common.http.limits.moving_window import MemoryWindows, Window, spend_in_redis
from common.http.limits.parsed_limit import ParsedLimit
from common.http.limits.repeated_refusals import hold_repeated_refusal
from common.http.limits.shared_counts.reads import ReadCounter
from common.http.limits.view_limits import ViewLimits
from common.http.problems.document import problem_response
from common.redis.client import EXTENSION as REDIS
from common.redis.client import redis_client
from common.translation import lazy_ngettext

EXTENSION = "rate_limits"
READS = "read_limits"
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
NAMES = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


class LimitExceeded(Exception):
    """A call beyond a limit that is counted within a view. Answered with a 429."""

    def __init__(self, windows: Sequence[Window]) -> None:
        super().__init__("rate limit exceeded")
        self.windows = windows


def address() -> str:
    """The caller's network address; of IPv6 the /64, within which one household can choose freely."""
    return address_of(request.remote_addr)


# The same callers come again and again.
@lru_cache(4096)
def address_of(raw: str | None) -> str:
    """The same of a textual address. Never empty: an empty key is no limit."""
    raw = raw or "unknown"
    try:
        parsed = ip_address(raw)
    except ValueError:
        return f"address:{raw}"
    if parsed.version == 6 and parsed.ipv4_mapped is None:
        return f"address:{ip_network((parsed, 64), strict=False).network_address}/64"
    return f"address:{getattr(parsed, 'ipv4_mapped', None) or parsed}"


def caller() -> str:
    """The user who calls, or the address of a visitor. Never empty: an empty key is no limit."""
    user_id = current_user_id()
    return address() if user_id is None else f"user:{user_id}"


class AllWindowsAtOnce(MovingWindowRateLimiter):
    """Flask-Limiter's moving window, checking all rates of a call in one round trip.

    The library checks rate by rate, and once more for what is left of each.
    """

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Whether `item` has room for the call that is identified by its key and its scope."""
        *_, key, scope = identifiers
        windows = spend(scope.rpartition(":")[2], key)
        return not any(each.is_breached for each in windows if each.rate == item)


STRATEGY = "all-windows-at-once"
STRATEGIES[STRATEGY] = AllWindowsAtOnce

limiter = Limiter(key_func=caller, strategy=STRATEGY)
limiter.limit_manager = ViewLimits()


def limit(
    setting: str,
    key: Callable[[], str],
    *,
    on_breach: Callable[[Window], None] | None = None,
    exempt_when: Callable[[], bool] | None = None,
) -> Callable[[Any], Any]:
    """A decorator that spends one call from each rate of `setting` under `key()`."""

    def is_exempt() -> bool:
        is_enabled: bool = current_app.config["RATE_LIMITS_ENABLED"]
        return not is_enabled or bool(exempt_when and exempt_when())

    def report(breached: RequestLimit) -> None:
        if on_breach:
            # What is done then is done for a caller who may act.
            confirm_caller()
            on_breach(next(each for each in g.windows if each.rate == breached.limit))

    decorator: Callable[[Any], Any] = ParsedLimit(
        limit_provider=lambda: current_app.config[setting],
        limiter=limiter,
        key_function=key,
        scope=setting,
        exempt_when=is_exempt,
        on_breach=report,
    )
    return decorator


def count_call(setting: str, key: str) -> None:
    """Count this request where only its view knows the key; the answer announces what is left.

    Raises LimitExceeded beyond the limit.
    """
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return
    windows = spend(setting, key)
    if any(window.is_breached for window in windows):
        raise LimitExceeded(windows)


def spend(setting: str, key: str) -> list[Window]:
    """Spend this request's call, if all windows have room for it; the answer announces them."""
    spent: dict[tuple[str, str], list[Window]] = g.setdefault("spent", {})
    if (setting, key) in spent:
        return spent[setting, key]
    windows = spent[setting, key] = _spend(setting, key)
    g.windows = sorted([*g.get("windows", ()), *windows], key=lambda each: each.rate)
    return windows


def _spend(setting: str, key: str) -> list[Window]:
    rates = rates_of(current_app.config[setting])
    name, now = f"{setting}:{key}", time.time()
    windows = redis_client().call(lambda redis: spend_in_redis(redis, name, rates, now), None)
    if windows is None:
        in_memory: MemoryWindows = current_app.extensions[EXTENSION]
        windows = in_memory.spend(name, rates, now)
    return windows


def spend_or_refuse(setting: str, key: str) -> None:
    """Spend a call whose answer announces no limit until it is reached. Raises LimitExceeded."""
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return
    windows = _spend(setting, key)
    if any(window.is_breached for window in windows):
        raise LimitExceeded(windows)


def spend_read_or_refuse(setting: str, key: str) -> None:
    """The same of a public read, which waits for no other process: exact within one, and of several
    within what they answer in an interval. Needs no request of Flask's. Raises LimitExceeded."""
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return
    reads: ReadCounter = current_app.extensions[READS]
    windows = reads.spend(f"{setting}:{key}", rates_of(current_app.config[setting]))
    if any(window.is_breached for window in windows):
        raise LimitExceeded(windows)


def has_room(setting: str, key: str) -> bool:
    """Whether there is room for one more, which is spent then: of what a request may do without."""
    if not current_app.config["RATE_LIMITS_ENABLED"]:
        return True
    return not any(window.is_breached for window in _spend(setting, key))


@lru_cache(64)
def rates_of(setting: str) -> Sequence[RateLimitItem]:
    """The rates that a setting's value names, the shortest first."""
    return sorted(parse_many(setting))


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = MemoryWindows()
    app.extensions[READS] = ReadCounter(app.extensions[REDIS])
    byte_budget.init_app(app)
    # Never used: our strategy counts by itself, in Redis or in memory.
    app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    hooks = [{name: [*functions] for name, functions in each.items()} for each in _hooks(app)]
    limiter.init_app(app)
    # The library would look for limits around every request; ours decorate single views.
    for installed, before in zip(_hooks(app), hooks, strict=True):
        installed.clear()
        installed.update(before)
    app.register_error_handler(RateLimitExceeded, _answer_exceeded)
    app.register_error_handler(LimitExceeded, _answer_exceeded)
    app.after_request(announce)


def _hooks(app: Flask) -> tuple[dict[Any, Any], ...]:
    return app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs


def _name(rate: RateLimitItem) -> str:
    return NAMES.get(rate.get_expiry(), f"{rate.get_expiry()}s")


def announce(response: Response) -> Response:
    """Add the RateLimit headers of the limits this request was counted under."""
    windows: list[Window] = g.get("windows", [])
    budgets: Sequence[byte_budget.Budget] = g.get("byte_budgets", ())
    if not windows and not budgets:
        return response
    policies = [_policy(each.rate) for each in windows] + [each.policy for each in budgets]
    states = [each.state for each in budgets]
    if windows:
        tightest = min(windows, key=lambda each: each.remaining)
        left = f'"{_name(tightest.rate)}";r={tightest.remaining};t={_seconds_until(tightest)}'
        states.insert(0, left)
    response.headers["RateLimit-Policy"] = ", ".join(policies)
    response.headers["RateLimit"] = ", ".join(states)
    return response


@lru_cache(64)
def _policy(rate: RateLimitItem) -> str:
    return f'"{_name(rate)}";q={rate.amount};w={rate.get_expiry()}'


def _seconds_until(window: Window) -> int:
    return max(1, round(window.reset_at - time.time()))


def _answer_exceeded(error: RateLimitExceeded | LimitExceeded) -> Response:
    """A 429 whose Retry-After is when the full windows have room again."""
    if isinstance(error, LimitExceeded):
        g.windows = list(error.windows)
    hold_repeated_refusal(current_app.extensions[EXTENSION], address())
    breached = [each for each in g.windows if each.is_breached]
    wait = max(map(_seconds_until, breached))
    return problem_response(
        429,
        lazy_ngettext(
            "Too many requests; please wait {wait} second and try again.",
            "Too many requests; please wait {wait} seconds and try again.",
            "wait",
            wait=wait,
        ),
        {"Retry-After": str(wait)},
        {
            "type": QUOTA_EXCEEDED,
            "violated-policies": [_name(each.rate) for each in breached],
        },
    )
