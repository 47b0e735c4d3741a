"""Rate limits: counted in Redis across all workers, per process while Redis is away.

A limit names the setting that holds its rates. What it leaves is announced in the
`RateLimit` and `RateLimit-Policy` headers (IETF draft-ietf-httpapi-ratelimit-headers-10).
"""

import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter, RequestLimit
from flask_limiter.errors import RateLimitExceeded
from limits.errors import StorageError
from redis.exceptions import RedisError

from common.auth import current_user_id
from common.errors import problem_response

QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


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


limiter = Limiter(
    key_func=caller,
    strategy="moving-window",
    headers_enabled=False,
    swallow_errors=True,
    in_memory_fallback_enabled=True,
    key_prefix="limit",
)


def limit(setting: str, key: Callable[[], str], **options: Any) -> Callable[[Any], Any]:
    """A decorator that spends one call from each rate of `setting` under `key()`."""

    def counted_key() -> str:
        g.is_limited = True
        return key()

    decorator: Callable[[Any], Any] = limiter.limit(
        lambda: current_app.config[setting], key_func=counted_key, scope=setting, **options
    )
    return decorator


def init_app(app: Flask) -> None:
    seconds = app.config["REDIS_TIMEOUT_MS"] / 1000
    app.config.update(
        RATELIMIT_ENABLED=app.config["RATE_LIMITS_ENABLED"],
        RATELIMIT_STORAGE_URI=app.config["REDIS_URL"] or "memory://",
        RATELIMIT_STORAGE_OPTIONS=(
            {"socket_timeout": seconds, "socket_connect_timeout": seconds}
            if app.config["REDIS_URL"]
            else {}
        ),
    )
    hooks = [{name: [*functions] for name, functions in each.items()} for each in _hooks(app)]
    limiter.init_app(app)
    # The library would look for limits around every request; ours stand on their views alone.
    for installed, before in zip(_hooks(app), hooks, strict=True):
        installed.clear()
        installed.update(before)
    app.register_error_handler(RateLimitExceeded, _answer_exceeded)
    app.after_request(announce)


def _hooks(app: Flask) -> tuple[dict[Any, Any], ...]:
    return app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs


def _name(current: RequestLimit) -> str:
    return {1: "second", 60: "minute", 3600: "hour", 86400: "day"}.get(
        current.limit.get_expiry(), f"{current.limit.get_expiry()}s"
    )


def announce(response: Response) -> Response:
    """Add the RateLimit headers of the limits this request was counted under."""
    if "is_limited" not in g:
        return response
    current = limiter.current_limits
    try:
        response.headers["RateLimit-Policy"] = ", ".join(
            f'"{_name(each)}";q={each.limit.amount};w={each.limit.get_expiry()}' for each in current
        )
        tightest = min(current, key=lambda each: each.remaining)
        response.headers["RateLimit"] = (
            f'"{_name(tightest)}";r={max(0, tightest.remaining)};t={_seconds_until(tightest)}'
        )
    except (RedisError, StorageError):
        # Redis went away after it had counted: the answer goes out without the announcement.
        response.headers.pop("RateLimit-Policy", None)
    return response


def _seconds_until(current: RequestLimit) -> int:
    return max(1, round(current.reset_at - time.time()))


def _answer_exceeded(error: RateLimitExceeded) -> Response:
    breached = [each for each in limiter.current_limits if each.breached]
    try:
        wait = max((_seconds_until(each) for each in breached), default=1)
    except (RedisError, StorageError):
        wait = 1
    return problem_response(
        429,
        f"Too many requests; please wait {wait} second{'s' if wait != 1 else ''} and try again.",
        {"Retry-After": str(wait)},
        {"type": QUOTA_EXCEEDED, "violated-policies": [_name(each) for each in breached]},
    )
