"""Answers a visitor's most frequent requests before Flask routes, parses and dispatches them.

That machinery costs more than most of these answers do: an answer this process gave before and
PostgreSQL's revision says still holds, one tutor's card, and a page of a list whose parameters
were lately read. Everything else (a token, another method, a refusal, a database that is away) is
left to the views, whose bytes are the same.
"""

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from activity import observe
from activity.request_context import request_context_of
from common.database.session import read_rows
from common.http.conditional import LONGEST_CONDITION, REVALIDATE
from common.http.pagination import PLAIN_QUERY
from common.operations.access_log import log_request
from marketplace.cache.response_cache import (
    EXTENSION,
    REVISION_KEY,
    ResponseCache,
    cache_key,
    has_fresh_body,
)
from marketplace.events import view_event
from marketplace.listing.find_tutors import LIST_RULE, find_tutors
from marketplace.listing.query import TutorQuery
from marketplace.rendering import READ_CARD, RenderedResponse
from marketplace.schemas import TUTOR_QUERY
from profiles.public.models import read_revision

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/api/marketplace/"
CARD_RULE = "/api/marketplace/tutors/<int:tutor_id>/"
PLAIN_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")
ONE_TAG = re.compile(r'|"[0-9a-f]*"')
CARD_PATH = re.compile(r"/api/marketplace/tutors/([1-9][0-9]{0,8})/?")


class FastPath:
    """A door of `MarketplaceApp.fast_paths`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._answers: ResponseCache = app.extensions[EXTENSION]

    def _asked_plainly(self, environ: "WSGIEnvironment") -> bool:
        """Several tags, weak ones and `*` are the view's to judge; so is whether a host is trusted."""
        return bool(
            PLAIN_HOST.fullmatch(environ.get("HTTP_HOST", ""))
            and ONE_TAG.fullmatch(environ.get("HTTP_IF_NONE_MATCH", ""))
            and not self._app.config["TRUSTED_HOSTS"]
        )

    def _answer(
        self, environ: "WSGIEnvironment", path: str, known: RenderedResponse | None
    ) -> RenderedResponse | None:
        if known is not None:
            return _again(environ, known)
        if not self._asked_plainly(environ):
            return None
        if path == LIST_RULE:
            query = _asked_list(environ)
            return None if query is None else find_tutors(query, environ)
        match = CARD_PATH.fullmatch(path)
        return _card(int(match[1])) if match else None

    def __call__(
        self, environ: "WSGIEnvironment", start: "StartResponse"
    ) -> Iterable[bytes] | None:
        """The answer, or None where Flask is to give it."""
        path = environ["PATH_INFO"]
        if (
            not path.startswith(PREFIX)
            or environ["REQUEST_METHOD"] != "GET"
            or "HTTP_AUTHORIZATION" in environ
            or len(environ.get("HTTP_IF_NONE_MATCH", "")) > LONGEST_CONDITION
        ):
            return None
        began = time.perf_counter()
        known = _known(self._answers, environ)
        with self._app.app_context():
            try:
                answer = self._answer(environ, path, known)
            except Exception:
                # Whatever it is, the view meets it too, and tells of it as it should.
                return None
            return None if answer is None else _send(environ, start, answer, began)


def _asked_list(environ: "WSGIEnvironment") -> TutorQuery | None:
    """What is asked of the list, where that was lately read from the same parameters."""
    asked = environ["QUERY_STRING"]
    if not PLAIN_QUERY.fullmatch(asked):
        return None
    query: TutorQuery | None = TUTOR_QUERY.cached_values.get(asked.encode())
    return query


def _known(answers: ResponseCache, environ: "WSGIEnvironment") -> RenderedResponse | None:
    """What was answered at this address, where that would be all that is needed."""
    known = answers.get(cache_key(environ))
    if known is None:
        return None
    asked = environ.get("HTTP_IF_NONE_MATCH")
    held = asked == f'"{known.etag}"' if asked is not None else has_fresh_body(known)
    return known if held else None


def _again(environ: "WSGIEnvironment", known: RenderedResponse) -> RenderedResponse | None:
    """The known answer while it holds."""
    revision = environ[REVISION_KEY] = read_revision()
    return known if revision == known.revision else None


def _card(tutor_id: int) -> RenderedResponse | None:
    """One tutor's card. A tutor who is not listed is refused by the view."""
    rows = read_rows(READ_CARD, {"tutor_id": tutor_id})
    if not rows:
        return None
    card, etag = rows[0]
    return RenderedResponse(
        0, etag, 1, card.encode(), rule=CARD_RULE, events=(view_event(tutor_id),)
    )


def _send(
    environ: "WSGIEnvironment", start: "StartResponse", answer: RenderedResponse, began: float
) -> Iterable[bytes]:
    headers = [("ETag", f'"{answer.etag}"'), ("Cache-Control", REVALIDATE)]
    held = environ.get("HTTP_IF_NONE_MATCH") == f'"{answer.etag}"'
    if answer.body is None or held:
        status, body = 304, b""
    else:
        status, body = 200, answer.body
        headers.append(("Content-Type", "application/json"))
        if answer.link is not None:
            headers.append(("Link", answer.link))
        headers.append(("Content-Length", str(len(body))))
    seconds = time.perf_counter() - began
    context = request_context_of(environ) if answer.events else None
    for action, metadata in answer.events:
        observe(
            action,
            None,
            metadata=metadata,
            status_code=status,
            duration_ms=round(seconds * 1000),
            context=context,
        )
    log_request(environ, answer.rule, status, seconds, None)
    start("200 OK" if status == 200 else "304 NOT MODIFIED", headers)
    return [body]
