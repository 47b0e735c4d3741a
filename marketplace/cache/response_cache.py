"""The latest responses of this process, by address, each with the revision of the public rows it
was rendered from.

While PostgreSQL still names that revision, the response would come out byte for byte the same: a
client that has it gets a 304 without the page being read, and the default list is sent again as
it stands. The revision is always asked of PostgreSQL: a Redis that was away when somebody hid a
profile would still name the old one.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any

from flask import Flask, current_app, request

from common.http.conditional import etag_holds
from common.operations.metrics.sampling import CACHE_LOOKUPS, sampler_of
from marketplace.cache.rendering import RenderedResponse
from profiles.public.models import read_revision
from profiles.public.replica_reads import at_replicas

EXTENSION = "response_cache"
MAX_RESPONSES = 4096
MAX_BYTES = 8_000_000
LONGEST_QUERY = 1024
# The revision in a request's WSGI environment, once it was read.
REVISION_KEY = "marketplace.revision"


class ResponseCache:
    """An LRU cache, bounded in entries and in bytes of bodies."""

    def __init__(self) -> None:
        self._responses: OrderedDict[Hashable, RenderedResponse] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        # Lookups that were and that were not answered; threads may lose one now and then.
        self.hits = self.misses = 0

    def count(self, is_hit: bool) -> None:
        """Note whether the cache has answered a request."""
        if is_hit:
            self.hits += 1
        else:
            self.misses += 1

    def get(self, key: Hashable) -> RenderedResponse | None:
        with self._lock:
            response = self._responses.get(key)
            if response is not None:
                self._responses.move_to_end(key)
            return response

    def put(self, key: Hashable, response: RenderedResponse) -> None:
        with self._lock:
            self._bytes += _size(response) - _size(self._responses.pop(key, None))
            self._responses[key] = response
            while len(self._responses) > MAX_RESPONSES or self._bytes > MAX_BYTES:
                self._bytes -= _size(self._responses.popitem(last=False)[1])

    def clear(self) -> None:
        with self._lock:
            self._responses.clear()
            self._bytes = 0


def _size(response: RenderedResponse | None) -> int:
    return len(response.body) if response is not None and response.body is not None else 0


def init_app(app: Flask) -> None:
    cache = app.extensions[EXTENSION] = ResponseCache()
    sampler = sampler_of(app)
    sampler.track_counter(CACHE_LOOKUPS.labels("responses", "hit"), lambda: cache.hits)
    sampler.track_counter(CACHE_LOOKUPS.labels("responses", "miss"), lambda: cache.misses)


def response_cache() -> ResponseCache:
    """The application's cache."""
    cache: Any = current_app.extensions[EXTENSION]
    assert isinstance(cache, ResponseCache)
    return cache


def find_valid(environ: dict[str, Any]) -> tuple[RenderedResponse | None, int | None]:
    """The cached response to a request, if it still holds and is all that is needed; and the
    revision of the public rows, if it was read for that."""
    if len(environ["QUERY_STRING"]) > LONGEST_QUERY:
        return None, None
    cache = response_cache()
    cached = cache.get(cache_key(environ))
    if cached is None or not (etag_holds(cached.etag, environ) or has_fresh_body(cached)):
        cache.count(False)
        return None, None
    revision: int = environ.get(REVISION_KEY) or read_revision()
    cache.count(revision == cached.revision)
    return (cached if revision == cached.revision else None), revision


def store_response(
    environ: dict[str, Any], rule: str, response: RenderedResponse, keep_body: bool = False
) -> None:
    """Cache the response of the route `rule`; with its body only where everybody asks for it."""
    response.rule = rule
    if len(environ["QUERY_STRING"]) <= LONGEST_QUERY:
        stored = response if keep_body else response.without_body()
        response_cache().put(cache_key(environ), stored)


def revalidate_or_render(
    environ: dict[str, Any],
    rule: str,
    render: Callable[[int], RenderedResponse],
    keep_body: bool = False,
) -> RenderedResponse:
    """The cached response where it holds, else that of `render`, which is given the revision."""
    cached, revision = find_valid(environ)
    if cached is not None:
        return cached
    if revision is None:
        revision = read_revision()
    with at_replicas(revision):
        response = render(revision)
    store_response(environ, rule, response, keep_body)
    return response


def current_request() -> tuple[dict[str, Any], str]:
    """The present request's environment and the rule of its route."""
    return request.environ, request.url_rule.rule if request.url_rule else ""


def cache_key(environ: Mapping[str, Any]) -> Hashable:
    """Everything the bytes of a response depend on beside the public rows."""
    host = environ.get("HTTP_HOST") or (environ["SERVER_NAME"], environ["SERVER_PORT"])
    return environ["PATH_INFO"], environ["QUERY_STRING"], environ["wsgi.url_scheme"], host


def has_fresh_body(response: RenderedResponse) -> bool:
    """Whether the response can be sent again to a client that has no copy."""
    return response.body is not None and time.monotonic() < response.expires
