"""Answers plainly valid requests for a page of one's log before Flask routes and dispatches them.

That takes as long as the page itself. The view answers with the same code whatever is not answered
here: another method, a token not verified before, a parameter or a caller to be refused.
"""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import psycopg2
from flask import Flask, request
from flask_jwt_extended.exceptions import UserLookupError

from activity.log.answer import LogAnswer, answer_log
from activity.log.schemas import EVENT_QUERY
from common.http.acting_accounts import act_unconfirmed, confirm_caller, find_verified
from common.http.conditional import LONGEST_CONDITION
from common.http.middleware.host import host_error
from common.http.problems.errors import Problem
from common.operations.access_log import log_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOG_RULE = "/api/me/activity/"
SCHEME = "Bearer "
FAILURE_KEY = "marketplace.log_failure"
STATUS_LINES = {200: "200 OK", 304: "304 NOT MODIFIED"}


class LogFastPath:
    """One of `MarketplaceApp.fast_paths`."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start: "StartResponse"
    ) -> Iterable[bytes] | None:
        """The response's body, or None where Flask is to answer."""
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        if (
            environ["PATH_INFO"] != LOG_RULE
            or environ["REQUEST_METHOD"] != "GET"
            or not authorization.startswith(SCHEME)
            # Without a meaning here, and refused where it is malformed.
            or "HTTP_IF_MATCH" in environ
            or len(environ.get("HTTP_IF_NONE_MATCH", "")) > LONGEST_CONDITION
            or host_error(environ.get("HTTP_HOST", ""), self._app.extensions["trusted_hosts"])
        ):
            return None
        query = EVENT_QUERY.values_at_once(environ["QUERY_STRING"].encode("latin-1"))
        if query is None:
            return None
        began = time.perf_counter()
        with self._app.app_context():
            token = authorization[len(SCHEME) :]
            known = find_verified(token)
            if known is None or not act_unconfirmed(token, known):
                return None
            answer = _answer(known.user_id, query, environ)
            if answer is None:
                return None
            seconds = time.perf_counter() - began
            log_request(environ, LOG_RULE, answer.status, seconds, known.user_id)
        headers = answer.headers
        if answer.status == 200:
            headers.append(("Content-Length", str(len(answer.body))))
        start(STATUS_LINES[answer.status], headers)
        return [answer.body]


def _answer(user_id: int, query: Any, environ: "WSGIEnvironment") -> LogAnswer | None:
    """The answer, or None where the view is to say what is wrong."""
    try:
        answer = answer_log(user_id, query, environ)
        confirm_caller()
    except (Problem, UserLookupError):
        return None
    except psycopg2.Error as failure:
        # The view raises it instead of waiting for the database once more.
        environ[FAILURE_KEY] = failure
        return None
    return answer


def raise_passed_failure() -> None:
    """Raise what the database failed by when the present request was to be answered here."""
    failure: Exception | None = request.environ.pop(FAILURE_KEY, None)
    if failure is not None:
        raise failure
