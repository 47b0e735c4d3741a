"""What happens around every request: its id, CORS, security headers, and its line in the log."""

import re
import time
import uuid

import structlog
from flask import Flask, Response, current_app, g, request

from common import metrics
from common.auth import current_user_id
from common.errors import BadRequest

log = structlog.get_logger()

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
QUIET_PATHS = {"/healthz", "/readyz", "/metrics"}

ALLOWED_HEADERS = (
    "Authorization, Content-Type, X-Request-ID, If-Match, If-None-Match, Idempotency-Key"
)
EXPOSED_HEADERS = "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-ID"
ALLOWED_METHODS = "GET, HEAD, POST, PATCH, DELETE, OPTIONS"
PREFLIGHT_SECONDS = "7200"

HSTS = "max-age=31536000; includeSubDomains"
SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
)


def init_app(app: Flask) -> None:
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.before_request(begin)
    app.after_request(finish)


def begin() -> Response | None:
    """Give the request its id and start time; answer CORS preflights."""
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        return Response(status=204)
    _refuse_unreadable_address()
    return None


def _refuse_unreadable_address() -> None:
    """Refuse a path or query that is not UTF-8 text a database could hold."""
    if "\ufffd" in request.path or "\x00" in request.path:
        raise BadRequest("The address is not valid UTF-8 text.")


def finish(response: Response) -> Response:
    """Add the headers every answer has, count it, and log it."""
    headers = response.headers
    headers["X-Request-ID"] = g.get("request_id") or str(uuid.uuid4())
    for name, value in SECURITY_HEADERS:
        if name not in headers:
            headers[name] = value
    if request.is_secure and current_app.config["SECURE_COOKIES"]:
        headers["Strict-Transport-Security"] = HSTS
    _allow_origin(response)
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    rule = request.url_rule.rule if request.url_rule else "unmatched"
    metrics.observe_request(rule, request.method, response.status_code, seconds)
    if request.path not in QUIET_PATHS:
        log.info(
            "request",
            request_id=g.get("request_id"),
            method=request.method,
            route=rule,
            status=response.status_code,
            duration_ms=round(seconds * 1000, 1),
            user_id=current_user_id(),
        )
    return response


def _allow_origin(response: Response) -> None:
    """CORS for the configured origins only, with credentials (the refresh cookie)."""
    headers = response.headers
    headers.add("Vary", "Origin")
    origin = request.headers.get("Origin")
    if not origin or origin not in current_app.config["FRONTEND_ORIGINS"]:
        return
    headers["Access-Control-Allow-Origin"] = origin
    headers["Access-Control-Allow-Credentials"] = "true"
    headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
        headers["Access-Control-Max-Age"] = PREFLIGHT_SECONDS
