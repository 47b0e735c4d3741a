"""What every request and response has: a request id, CORS and security headers, a canonical path.

Headers that do not depend on the view are added in a WSGI wrapper, which costs less than Flask's
own hooks.
"""

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, request
from structlog.contextvars import bind_contextvars

from common.http.conditional import WRITES, check_condition_headers
from common.http.middleware.host import OPERATIONS_PATHS, host_error
from common.http.middleware.request_ids import new_request_id
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import lazy_gettext

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Annotations of a function that is defined for each request are evaluated each time.
Headers = list[tuple[str, str]]
Write = Callable[[bytes], object]

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

ALLOWED_HEADERS = (
    "Authorization, Content-Type, X-Request-ID, If-Match, If-None-Match, Idempotency-Key"
)
EXPOSED_HEADERS = (
    "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-ID,"
    " Idempotent-Replayed, Content-Language"
)
ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
PREFLIGHT_SECONDS = "7200"

CONTENT_POLICY = (
    "Content-Security-Policy",
    "default-src 'none'; frame-ancestors 'none'",
)
STANDARD_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Vary", "Origin"),
]
STRICT_TRANSPORT = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
CORS_HEADERS = [
    ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
]
PREFLIGHT_HEADERS = [
    ("Access-Control-Allow-Headers", ALLOWED_HEADERS),
    ("Access-Control-Allow-Methods", ALLOWED_METHODS),
    ("Access-Control-Max-Age", PREFLIGHT_SECONDS),
]


def init_app(app: Flask) -> None:
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    # Flask's documented way to wrap an application, which its own types do not know.
    app.wsgi_app = _with_standard_headers(app)  # type: ignore[method-assign, assignment]
    app.before_request(begin)


def _with_standard_headers(app: Flask) -> "WSGIApplication":
    """The application answering with the headers every response has."""
    inner = app.wsgi_app
    origins = frozenset(app.config["FRONTEND_ORIGINS"])
    tells_strict_transport = app.config["SECURE_COOKIES"]

    def application(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if given and REQUEST_ID.fullmatch(given) else new_request_id()
        environ["marketplace.request_id"] = request_id
        # Every log line written on the way to the answer carries it.
        bind_contextvars(request_id=request_id)
        path = environ["PATH_INFO"]
        if path.startswith("/api/") and not path.endswith("/") and "." not in path:
            # Every answer is that of the canonical path, refusals included; files have a dot.
            environ["PATH_INFO"] = path + "/"
        origin = environ.get("HTTP_ORIGIN")

        def start_with_headers(status: str, headers: Headers, *rest: Any) -> Write:
            for name, _ in headers:
                if name == CONTENT_POLICY[0]:
                    break
            else:
                headers.append(CONTENT_POLICY)
            headers += STANDARD_HEADERS
            headers.append(("X-Request-ID", request_id))
            if origin in origins:
                headers.append(("Access-Control-Allow-Origin", str(origin)))
                headers += CORS_HEADERS
                if environ["REQUEST_METHOD"] == "OPTIONS":
                    headers += PREFLIGHT_HEADERS
            if tells_strict_transport and environ["wsgi.url_scheme"] == "https":
                headers.append(STRICT_TRANSPORT)
            return start(status, headers, *rest)

        return inner(environ, start_with_headers)

    return application


def begin() -> Response | None:
    """Note when the request began; answer CORS preflights."""
    environ = request.environ
    g.started = time.perf_counter()
    if "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ and request.method == "OPTIONS":
        return Response(status=204)
    check_host(environ)
    if request.url_rule is not None and request.method not in WRITES:
        check_condition_headers(environ, request.method)
    # Werkzeug replaces what is not UTF-8; such an address can name nothing here.
    path = request.path
    if "\x00" in path:
        raise BadRequest(lazy_gettext("The address must not contain NUL (%00)."))
    if not path.isascii() and "\ufffd" in path:
        raise BadRequest(lazy_gettext("The address is not valid UTF-8 text."))
    return None


def check_host(environ: dict[str, Any]) -> None:
    """Refuse a malformed or foreign Host: addresses in answers are made of it. Raises BadRequest.

    HTTP/1.1 demands one (RFC 9112 §3.2). Probes and scrapes may name the machine by its address.
    """
    host: str | None = environ.get("HTTP_HOST")
    if host is None:
        if environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
            raise BadRequest(
                lazy_gettext("The Host header is missing."),
                code=ProblemCode.INVALID_HOST,
            )
        return
    is_probe = environ["PATH_INFO"] in OPERATIONS_PATHS
    detail = host_error(host, () if is_probe else current_app.extensions["trusted_hosts"])
    if detail is not None:
        raise BadRequest(detail, code=ProblemCode.INVALID_HOST)
