"""Answers a visitor's most frequent requests before Flask routes, parses and dispatches them.

That machinery costs more than most of these answers do: a response this process rendered before
and PostgreSQL's revision says still holds, one tutor's card, and a page of the list or facets
whose parameters are plainly valid. Everything else (a token, another method, a refusal) is left to
the views, whose bytes are the same. What fails here is not tried again there: it is answered by
Flask's handlers.
"""

import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from activity import observe
from common.database.connections.connection import start_watchdog
from common.http.conditional import LONGEST_CONDITION
from common.http.middleware.host import host_error
from common.http.schemas.base import CachedQuerySchema
from common.http.schemas.plain_queries import PLAIN_QUERY
from common.operations.access_log import log_request
from marketplace.analytics.counting import count_shown
from marketplace.analytics.shown import ShownCard
from marketplace.cache.rendering import RenderedResponse, status_headers_and_body
from marketplace.cache.response_cache import (
    EXTENSION,
    REVISION_KEY,
    ResponseCache,
    cache_key,
    has_fresh_body,
)
from marketplace.facets.answer import FACETS_RULE, find_facets
from marketplace.facets.schemas import FACET_QUERY
from marketplace.listing.query import TutorQuery
from marketplace.tutors.card import find_card
from marketplace.tutors.page import LIST_RULE, find_tutors
from marketplace.tutors.schemas import TUTOR_QUERY
from profiles.public.models import read_revision

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/api/marketplace/"
ONE_TAG = re.compile(r'|"[0-9a-f]*"')
FAILURE_KEY = "marketplace.fast_path_failure"
# By path: what reads the query, and what answers it.
ANSWERS: dict[str, tuple[CachedQuerySchema, Callable[[TutorQuery, Any], RenderedResponse]]] = {
    LIST_RULE: (TUTOR_QUERY, find_tutors),
    FACETS_RULE: (FACET_QUERY, find_facets),
}
# As clients write it that open a card of a list.
CARD_QUERY = re.compile(
    "(query_id=(?P<query_id>[0-9a-f]{16})(&position=(?P<position>[1-9][0-9]{0,2}))?)?"
)
CARD_PATH = re.compile(r"/api/marketplace/tutors/([1-9][0-9]{0,8})/?")


class FastPath:
    """One of `MarketplaceApp.fast_paths`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        app.before_request(raise_failure)
        self._cache: ResponseCache = app.extensions[EXTENSION]

    def __call__(
        self, environ: "WSGIEnvironment", start: "StartResponse"
    ) -> Iterable[bytes] | None:
        """The response's body, or None where Flask is to answer."""
        path = environ["PATH_INFO"]
        if (
            not path.startswith(PREFIX)
            or environ["REQUEST_METHOD"] != "GET"
            or "HTTP_AUTHORIZATION" in environ
            # Without a meaning here, and refused where it is malformed.
            or "HTTP_IF_MATCH" in environ
            or "HTTP_HOST" not in environ
            or len(environ.get("HTTP_IF_NONE_MATCH", "")) > LONGEST_CONDITION
        ):
            return None
        began = time.perf_counter()
        start_watchdog()
        cached = _find_cached(self._cache, environ)
        with self._app.app_context():
            try:
                response = self._respond(environ, path, cached)
            except Exception as error:
                # To be answered and reported as any error of a view, which asks nothing again.
                environ[FAILURE_KEY] = error
                return None
            return None if response is None else _send(environ, start, response, began)

    def _respond(
        self, environ: "WSGIEnvironment", path: str, cached: RenderedResponse | None
    ) -> RenderedResponse | None:
        if cached is not None:
            revalidated = _revalidated(environ, cached)
            if revalidated is not None:
                # What is not answered here is counted where it is.
                self._cache.count(True)
            return revalidated
        if not self._is_plain(environ):
            return None
        if path in (LIST_RULE, FACETS_RULE):
            schema, find = ANSWERS[path]
            query = _plain_query(schema, environ)
            return None if query is None else find(query, environ)
        shown = _shown_card(path, environ["QUERY_STRING"])
        return find_card(shown) if shown else None

    def _is_plain(self, environ: "WSGIEnvironment") -> bool:
        """Several tags, weak ones and `*` are the view's to judge, and so is a host that is refused."""
        return bool(
            host_error(environ.get("HTTP_HOST", ""), self._app.extensions["trusted_hosts"]) is None
            and ONE_TAG.fullmatch(environ.get("HTTP_IF_NONE_MATCH", ""))
        )


def raise_failure() -> None:
    """Raise what the fast path met when it answered the present request."""
    failure: Exception | None = request.environ.pop(FAILURE_KEY, None)
    if failure is not None:
        raise failure


def _find_cached(cache: ResponseCache, environ: "WSGIEnvironment") -> RenderedResponse | None:
    """The cached response to this address, where that would be all that is needed."""
    cached = cache.get(cache_key(environ))
    if cached is None:
        return None
    condition = environ.get("HTTP_IF_NONE_MATCH")
    if condition is None:
        return cached if has_fresh_body(cached) else None
    return cached if condition == f'"{cached.etag}"' else None


def _revalidated(environ: "WSGIEnvironment", cached: RenderedResponse) -> RenderedResponse | None:
    """The cached response while it holds."""
    revision = environ[REVISION_KEY] = read_revision()
    return cached if revision == cached.revision else None


def _plain_query(schema: CachedQuerySchema, environ: "WSGIEnvironment") -> TutorQuery | None:
    """The query of a list or of facets, where nothing about it has to be explained to the client."""
    query_string = environ["QUERY_STRING"]
    # Only such an address is written into links as it stands.
    if not PLAIN_QUERY.fullmatch(query_string):
        return None
    query: TutorQuery | None = schema.values_at_once(query_string.encode("latin-1"))
    return query


def _shown_card(path: str, query_string: str) -> ShownCard | None:
    """The card at an address, where the view would accept all of it."""
    match = CARD_PATH.fullmatch(path)
    source = CARD_QUERY.fullmatch(query_string) if match else None
    if match is None or source is None:
        return None
    position = source["position"]
    return ShownCard(int(match[1]), source["query_id"], int(position) if position else None)


def _send(
    environ: "WSGIEnvironment", start: "StartResponse", response: RenderedResponse, began: float
) -> Iterable[bytes]:
    status, headers, body = status_headers_and_body(response, environ)
    if status == 200:
        headers.append(("Content-Length", str(len(body))))
    seconds = time.perf_counter() - began
    count_shown(response.shown, environ, None)
    # Of visitors only daily counts grow, so nothing of the request is recorded.
    for action, metadata in response.events:
        observe(action, None, metadata=metadata, status_code=status)
    log_request(environ, response.rule, status, seconds, None)
    start("200 OK" if status == 200 else "304 NOT MODIFIED", headers)
    return [body]
