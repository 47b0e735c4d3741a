"""What gunicorn answers by itself: requests so malformed that the application never sees them.

Its own answer is a page of HTML that quotes the request, and its log line quotes it too.
"""

import logging
from socket import socket

from flask import Flask, Response
from gunicorn import util
from gunicorn.http.errors import ParseException
from structlog.contextvars import bind_contextvars, get_contextvars, unbind_contextvars

from common.http.middleware.request_hooks import (
    CONTENT_POLICY,
    CORS_HEADERS,
    REQUEST_ID,
    STANDARD_HEADERS,
)
from common.http.middleware.request_ids import new_request_id
from common.http.problems.document import (
    DEFAULT_DETAILS,
    problem_body,
    problem_response,
    request_uri,
)
from common.http.problems.error_handlers import frames
from common.http.problems.errors import RETRY_AFTER_SECONDS
from common.server.connections.request_reader import RequestReader
from common.translation.negotiation import DEFAULT_LANGUAGE, negotiate

NOTICE = "Invalid request from ip="
allowed_origins: set[str] = set()


def init_app(app: Flask) -> None:
    """Bodies are read by the application; what is malformed in their coding shows only then."""
    app.register_error_handler(ParseException, _answer_malformed_body)
    allowed_origins.update(app.config["FRONTEND_ORIGINS"])


def _answer_malformed_body(error: ParseException) -> Response:
    # Where the next request would begin is not known any more.
    return problem_response(400, DEFAULT_DETAILS[400], {"Connection": "close"})


def answer_with_problems() -> None:
    """Have this process's gunicorn answer malformed requests as everything else here is answered.

    It offers no setting for that; every worker class writes these answers by this one function.
    """
    util.write_error = write_problem
    log = logging.getLogger("gunicorn.error")
    if not any(isinstance(each, _Unquoted) for each in log.filters):
        log.addFilter(_Unquoted())


def forget_request_id() -> None:
    """Let what this thread is about to log and answer not have the last request's id."""
    unbind_contextvars("request_id")


def bind_request_id(request: RequestReader | None) -> None:
    """Give what is about to be logged and answered the id that the client has sent, or else one of
    its own."""
    given = request.request_id if request else ""
    bind_contextvars(request_id=given if REQUEST_ID.fullmatch(given) else new_request_id())


def current_request_id(request: RequestReader | None = None) -> str:
    """The id that this thread's log lines carry; `request` is what it answers, if that is known."""
    if "request_id" not in get_contextvars():
        bind_request_id(request)
    return str(get_contextvars()["request_id"])


def write_problem(connection: socket, status: int, reason: str, quoted: str) -> None:
    """Send a problem document, which does not repeat what gunicorn quotes."""
    detail = DEFAULT_DETAILS.get(status) or DEFAULT_DETAILS[400 if status < 500 else 500]
    # The connection's request, as far as it has arrived, where our worker has received it.
    request: RequestReader | None = getattr(connection, "request", None)
    request_id = current_request_id(request)
    language = negotiate(request.accept_language if request else None) or DEFAULT_LANGUAGE
    body = problem_body(status, detail, request_uri(request_id), language=language)
    headers = [
        ("Connection", "close"),
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Content-Language", language),
        ("Vary", "Accept-Language"),
        CONTENT_POLICY,
        *STANDARD_HEADERS,
        ("X-Request-ID", request_id),
    ]
    if status == 503:
        headers.append(("Retry-After", str(RETRY_AFTER_SECONDS)))
    origin = request.origin if request else ""
    if origin in allowed_origins:
        headers += [("Access-Control-Allow-Origin", origin), *CORS_HEADERS]
    lines = [
        f"HTTP/1.1 {status} {reason}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    util.write_nonblock(connection, "\r\n".join([*lines, "", ""]).encode() + body)


class _Unquoted(logging.Filter):
    """Cuts what may hold a token or a private text: the quotation from the notice of a malformed
    request, and the words of an exception that the application could not answer for. In their
    place stands the id of the request, which its answer quotes."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str) and record.msg.startswith(NOTICE):
            notice = ": ".join(record.msg.split(": ")[:2])
            record.msg, record.args = "%s (request %s)", (notice, current_request_id())
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and "request" in str(record.msg):
            # In place of the address with its query, and of a traceback that quotes values.
            facts = (current_request_id(), type(error).__name__, frames(error))
            record.msg, record.args = "request %s: %s at %s", facts
            record.exc_info = record.exc_text = None
        return True
