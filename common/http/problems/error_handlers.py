"""Answers every failure, foreseen or not, with a problem document."""

import traceback

import psycopg2
import structlog
from flask import Flask, Response
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from common.http.problems.codes import ProblemCode
from common.http.problems.document import DEFAULT_DETAILS, problem_response
from common.http.problems.errors import RETRY_AFTER_SECONDS, Problem
from common.http.problems.transient_failures import is_transient
from common.translation import Message, lazy_gettext

log = structlog.get_logger()

# SQLAlchemy's code for a transaction whose connection is gone.
LOST = "8s2b"


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Problem, _answer_problem)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(PoolTimeout, _answer_database_away)
    app.register_error_handler(DBAPIError, _answer_database_error)
    app.register_error_handler(psycopg2.Error, _answer_database_error)
    app.register_error_handler(PendingRollbackError, _answer_lost_savepoint)
    app.register_error_handler(Exception, _answer_unforeseen)


def _answer_problem(error: Problem) -> Response:
    return problem_response(error.status, error.detail, error.headers, error.members, error.code)


def answer_http_exception(error: HTTPException) -> Response:
    """Werkzeug's own exceptions, keeping the headers that belong to them (`Allow`, for one)."""
    response = error.get_response()
    if not isinstance(response, Response):
        response = Response(response.response, response.status, response.headers)
    if error.code is None or error.code < 400:
        return response
    detail = DEFAULT_DETAILS.get(error.code) or Message(str(error.description))
    return problem_response(error.code, detail, response.headers)


def _answer_database_away(error: Exception) -> Response:
    log.warning("database unavailable", error=type(error).__name__)
    return problem_response(
        503,
        lazy_gettext("The database is away for the moment; please try again shortly."),
        {"Retry-After": str(RETRY_AFTER_SECONDS)},
        code=ProblemCode.DATABASE_UNAVAILABLE,
    )


def _answer_database_error(error: DBAPIError | psycopg2.Error) -> Response:
    return _answer_database_away(error) if is_transient(error) else _answer_unforeseen(error)


def _answer_lost_savepoint(error: PendingRollbackError) -> Response:
    """The connection was lost within a savepoint, which could then not be rolled back alone."""
    return _answer_database_away(error) if error.code == LOST else _answer_unforeseen(error)


def _answer_unforeseen(error: Exception) -> Response:
    log.error("unforeseen failure", error=type(error).__name__, stack=frames(error))
    return problem_response(500, DEFAULT_DETAILS[500])


def frames(error: BaseException) -> list[str]:
    """Where it happened, without the exception's text: messages may quote private values."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames][-12:]
