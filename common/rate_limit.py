"""Rate limits: counted in Redis across all workers, per process while Redis is away.

A limit names the setting that holds its rates. What it leaves is announced in the
`RateLimit` and `RateLimit-Policy` headers (IETF draft-ietf-httpapi-ratelimit-headers-10).
"""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from limits import RateLimitItem, parse_many

from common.auth import current_user_id
from common.errors import Problem
from common.rate_windows import MemoryWindows, Window, spend_in_redis
from common.redis import redis_aid

View = TypeVar("View", bound=Callable[..., Any])
EXTENSION = "rate_limits"
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"
NAMES = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}


class TooManyRequests(Problem):
    """A rate is spent; the client may go on when its window has moved on."""

    status = 429


def address() -> str:
    """The caller's network address; of IPv6 the /64, which one household can walk freely."""
    raw = request.remote_addr or "unknown"
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


def limit(
    setting: str,
    key: Callable[[], str],
    *,
    on_breach: Callable[[Window], None] | None = None,
    exempt_when: Callable[[], bool] | None = None,
) -> Callable[[View], View]:
    """A decorator that spends one call from each rate of `setting` under `key()`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            if current_app.config["RATE_LIMITS_ENABLED"] and not (exempt_when and exempt_when()):
                windows = spend(setting, key())
                breached = [each for each in windows if each.is_breached]
                if breached and on_breach:
                    on_breach(breached[0])
                if breached:
                    raise _refusal(breached)
            return view(*args, **kwargs)

        return limited  # type: ignore[return-value]  # wraps() keeps the view's signature

    return decorate


def spend(setting: str, key: str) -> list[Window]:
    """Spend a call, if all windows have room for it; they are announced with the answer."""
    rates = rates_of(current_app.config[setting])
    name, now = f"{setting}:{key}", time.time()
    windows = redis_aid().ask(lambda redis: spend_in_redis(redis, name, rates, now), None)
    if windows is None:
        in_memory: MemoryWindows = current_app.extensions[EXTENSION]
        windows = in_memory.spend(name, rates, now)
    g.windows = sorted([*g.get("windows", ()), *windows], key=lambda each: each.rate)
    return windows


@lru_cache(64)
def rates_of(setting: str) -> Sequence[RateLimitItem]:
    """The rates that a setting's value names, the shortest first."""
    return sorted(parse_many(setting))


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = MemoryWindows()
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
    return response


def _seconds_until(window: Window) -> int:
    return max(1, round(window.reset_at - time.time()))


def _refusal(breached: Sequence[Window]) -> TooManyRequests:
    wait = max(map(_seconds_until, breached))
    return TooManyRequests(
        f"Too many requests; please wait {wait} second{'s' if wait != 1 else ''} and try again.",
        headers={"Retry-After": str(wait)},
        type=QUOTA_EXCEEDED,
        **{"violated-policies": [_name(each.rate) for each in breached]},
    )
