"""The project's exceptions and the one body every error has: RFC 9457 problem details.

Domain code raises these with a sentence for the person who reads it; only this file knows
status numbers.
"""

import traceback
import uuid
from typing import Any

import orjson
import psycopg2
import structlog
from flask import Flask, Response, has_request_context, request
from psycopg2 import errorcodes
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

log = structlog.get_logger()

RETRY_AFTER_SECONDS = 2
# A sentence can quote the names of a client's own fields, and those can be long.
LONGEST_DETAIL = 1000
# The database refuses work for the moment; the same request may succeed in a while.
PASSING_DATABASE_STATES = {
    errorcodes.QUERY_CANCELED,
    errorcodes.LOCK_NOT_AVAILABLE,
    errorcodes.DEADLOCK_DETECTED,
    errorcodes.SERIALIZATION_FAILURE,
    errorcodes.TOO_MANY_CONNECTIONS,
    errorcodes.ADMIN_SHUTDOWN,
    errorcodes.CRASH_SHUTDOWN,
    errorcodes.CANNOT_CONNECT_NOW,
    errorcodes.READ_ONLY_SQL_TRANSACTION,
    errorcodes.DISK_FULL,
    errorcodes.OUT_OF_MEMORY,
    errorcodes.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
}


# SQLAlchemy's code for a transaction whose connection is gone.
LOST = "8s2b"


class Problem(Exception):
    """Base of all errors a client sees. `detail` is one readable sentence."""

    status = 500

    def __init__(
        self, detail: str, *, headers: dict[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = headers or {}
        self.members = members


class BadRequest(Problem):
    status = 400


class Unauthorized(Problem):
    status = 401


class Forbidden(Problem):
    status = 403


class NotFound(Problem):
    status = 404


class Conflict(Problem):
    status = 409


class PreconditionFailed(Problem):
    status = 412


class PayloadTooLarge(Problem):
    status = 413


class UnsupportedMediaType(Problem):
    status = 415


class PreconditionRequired(Problem):
    status = 428


class Unavailable(Problem):
    """The service cannot do this now; the client may try again."""

    status = 503

    def __init__(self, detail: str, retry_after: int = RETRY_AFTER_SECONDS) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Invalid(Problem):
    """Values that break a rule. `errors` is nested as the input is: {field: [messages]}."""

    status = 422

    def __init__(self, errors: dict[str, Any], location: str = "json") -> None:
        super().__init__(_sentence(errors), errors={location: errors})


def _sentence(errors: Any) -> str:
    """The first of the messages, with the path of its field, as one sentence."""
    path: list[str] = []
    found = errors
    while isinstance(found, dict) and found:
        key, found = next(iter(found.items()))
        if key != "_schema":
            path.append(str(key))
    message = str(found[0]) if isinstance(found, list) and found else "The value is not valid."
    return f"{'.'.join(path)}: {message}" if path else message


def problem_response(
    status: int, detail: str, headers: Any = None, members: dict[str, Any] | None = None
) -> Response:
    """Build the problem document; `members` are extension members beside the standard ones."""
    body = problem_body(status, detail, instance_uri(), members)
    response = Response(body, status, mimetype="application/problem+json")
    for name, value in dict(headers or {}).items():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def problem_body(
    status: int, detail: str, instance: str, members: dict[str, Any] | None = None
) -> bytes:
    """The document itself, as JSON."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Unknown Error"),
        "status": status,
        "detail": detail if len(detail) <= LONGEST_DETAIL else f"{detail[:LONGEST_DETAIL - 1]}…",
        "instance": instance,
        **(members or {}),
    }
    return orjson.dumps(document, default=str)


def instance_uri() -> str:
    """The request's id as a URI: `urn:uuid:…` when it is a UUID, else `urn:request:…`."""
    request_id = request.environ.get("marketplace.request_id", "") if has_request_context() else ""
    try:
        return (
            f"urn:uuid:{uuid.UUID(request_id)}"
            if len(request_id) == 36
            else f"urn:request:{request_id}"
        )
    except ValueError:
        return f"urn:request:{request_id}"


HTTP_DETAILS = {
    400: "The request is not well formed.",
    404: "There is nothing at this address.",
    405: "This address does not answer that method.",
    413: "The request body is too large.",
    414: "The address is too long.",
    415: "The request body has a media type that is not understood here; send application/json.",
    417: "The request expects something that is not done here.",
    431: "The request's headers are too large.",
    500: "Something went wrong on our side; the request id will help us find it.",
    501: "The request body is encoded in a way that is not understood here.",
}


def init_app(app: Flask) -> None:
    """Answer every failure, foreseen or not, with a problem document."""
    app.register_error_handler(Problem, _answer_problem)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(PoolTimeout, _answer_database_away)
    app.register_error_handler(DBAPIError, _answer_database_error)
    app.register_error_handler(PendingRollbackError, _answer_lost_savepoint)
    app.register_error_handler(psycopg2.Error, _answer_driver_error)
    app.register_error_handler(Exception, _answer_unforeseen)


def _answer_problem(error: Problem) -> Response:
    return problem_response(error.status, error.detail, error.headers, error.members)


def answer_http_exception(error: HTTPException) -> Response:
    """Werkzeug's own exceptions, keeping the headers that belong to them (`Allow`, for one)."""
    response = error.get_response()
    if not isinstance(response, Response):
        response = Response(response.response, response.status, response.headers)
    if error.code is None or error.code < 400:
        return response
    detail = HTTP_DETAILS.get(error.code) or str(error.description)
    return problem_response(error.code, detail, response.headers)


def _answer_database_away(error: Exception) -> Response:
    log.warning("database unavailable", error=type(error).__name__)
    return problem_response(
        503,
        "The database is away for the moment; please try again shortly.",
        {"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def _answer_database_error(error: DBAPIError) -> Response:
    code = getattr(error.orig, "pgcode", None)
    if is_passing(error, code):
        return _answer_database_away(error)
    return _answer_unforeseen(error)


def _answer_lost_savepoint(error: PendingRollbackError) -> Response:
    """The connection was lost within a savepoint, which could then not be rolled back alone."""
    return _answer_database_away(error) if error.code == LOST else _answer_unforeseen(error)


def _answer_driver_error(error: psycopg2.Error) -> Response:
    """As above, for statements that pass SQLAlchemy by."""
    lost = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    if error.pgcode in PASSING_DATABASE_STATES or (error.pgcode is None and lost):
        return _answer_database_away(error)
    return _answer_unforeseen(error)


def is_passing(error: DBAPIError, code: str | None) -> bool:
    """Whether the failure is the database's state of the moment, not the statement's fault."""
    if error.connection_invalidated or code in PASSING_DATABASE_STATES:
        return True
    # Without a code the server never answered: it refused, closed or lost the connection.
    return code is None and isinstance(error, OperationalError | InterfaceError)


def _answer_unforeseen(error: Exception) -> Response:
    log.error("unforeseen failure", error=type(error).__name__, stack=frames(error))
    return problem_response(500, HTTP_DETAILS[500])


def frames(error: BaseException) -> list[str]:
    """Where it happened, without the exception's text: messages may quote private values."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames][-12:]
