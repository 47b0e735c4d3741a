"""Rate limits: counted in Redis across all workers, per process while Redis is away.

Every call asks Redis, except for public reads: `shared_counts` counts them in the process first.

A limit names the setting that holds its rates. What it leaves is announced in the
`RateLimit` and `RateLimit-Policy` headers (IETF draft-ietf-httpapi-ratelimit-headers-10).
"""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem, parse_many

from common.http import byte_budget
from common.http.auth import current_user_id
from common.http.moving_window import MemoryWindows, Window, spend_in_redis
from common.http.problem_document import problem_response
from common.http.repeated_refusals import hold_repeated_refusal
from common.http.shared_counts.reads import ReadCounter
from common.redis.client import EXTENSION as REDIS
from common.redis.client import redis_client
from common.translation import lazy_ngettext

EXTENSION = "rate_limits"
READS = "read_limits"
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
NAMES = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


class LimitExceeded(Exception):
    """A call beyond a limit. Answered with a 429."""

    def __init__(self, windows: Sequence[Window]) -> None:
        super().__init__("rate limit exceeded")
        self.windows = windows


def address() -> str:
    """The caller's network address; of IPv6 the /64, within which one household can choose freely."""
    return address_of(request.remote_addr)


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


class Limit(NamedTuple):
    """A limit of a view: the setting that holds its rates, and under what its calls are counted."""

    setting: str
    key: Callable[[], str]
    on_breach: Callable[[Window], None] | None
    exempt_when: Callable[[], bool] | None


# By decorated view: the view itself, and its limits, the innermost first.
_limited_views: dict[Callable[..., Any], tuple[Callable[..., Any], tuple[Limit, ...]]] = {}


def limit(
    setting: str,
    key: Callable[[], str],
    *,
    on_breach: Callable[[Window], None] | None = None,
    exempt_when: Callable[[], bool] | None = None,
) -> Callable[[Any], Any]:
    """A decorator that spends one call from each rate of `setting` under `key()`.

    An empty key is no limit. Several of a view are spent in the order of their shortest rates, up to
    the first that has no room.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        inner, limits = _limited_views.get(view, (view, ()))
        limits = (*limits, Limit(setting, key, on_breach, exempt_when))

        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            _spend_all(limits)
            return inner(*args, **kwargs)

        _limited_views[limited] = inner, limits
        return limited

    return decorate


def _spend_all(limits: Sequence[Limit]) -> None:
    """Spend a call of each limit. Raises LimitExceeded at the first that has no room."""
    config = current_app.config
    if not config["RATE_LIMITS_ENABLED"]:
        return
    for each in sorted(limits, key=lambda each: rates_of(config[each.setting])[0]):
        if each.exempt_when and each.exempt_when():
            continue
        key = each.key()
        if not key:
            continue
        breached = [window for window in spend(each.setting, key) if window.is_breached]
        if breached:
            if each.on_breach:
                each.on_breach(breached[0])
            raise LimitExceeded(g.windows)


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
    windows = _spend(setting, key)
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
    app.register_error_handler(LimitExceeded, _answer_exceeded)
    app.after_request(announce)


def _name(rate: RateLimitItem) -> str:
    return NAMES.get(rate.get_expiry(), f"{rate.get_expiry()}s")


def announce(response: Response) -> Response:
    """Add the RateLimit headers of the limits this request was counted under."""
    windows: list[Window] = g.get("windows", [])
    if windows:
        response.headers["RateLimit-Policy"] = ", ".join(
            f'"{_name(each.rate)}";q={each.rate.amount};w={each.rate.get_expiry()}'
            for each in windows
        )
        tightest = min(windows, key=lambda each: each.remaining)
        response.headers["RateLimit"] = (
            f'"{_name(tightest.rate)}";r={tightest.remaining};t={_seconds_until(tightest)}'
        )
    for budget in g.get("byte_budgets", ()):
        _append(response, "RateLimit-Policy", budget.policy)
        _append(response, "RateLimit", budget.state)
    return response


def _append(response: Response, header: str, item: str) -> None:
    """Add an item to a header that holds a list."""
    items = [response.headers.get(header), item]
    response.headers[header] = ", ".join(each for each in items if each)


def _seconds_until(window: Window) -> int:
    return max(1, round(window.reset_at - time.time()))


def _answer_exceeded(error: LimitExceeded) -> Response:
    """A 429 whose Retry-After is when the full windows have room again."""
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
