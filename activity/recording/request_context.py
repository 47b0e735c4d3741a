"""A request's address, user agent and referrer, reduced to what the log may store."""

import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import g, has_request_context, request

LONGEST_AGENT = 300
LONGEST_REFERRER = 500
LONGEST_ADDRESS = 45
UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class RequestContext(NamedTuple):
    """Columns of an event that come from the request and not from what happened."""

    ip_address: str | None = None
    user_agent: str | None = None
    referrer: str | None = None


def current_request_context() -> RequestContext:
    """The context of the current request; empty in a command or a thread."""
    if not has_request_context():
        return RequestContext()
    return request_context_of(request.environ)


def request_context_of(environ: Mapping[str, Any]) -> RequestContext:
    """The same of a request that Flask has not seen."""
    return RequestContext(
        ip_address=_stored(environ.get("REMOTE_ADDR"), LONGEST_ADDRESS),
        user_agent=_stored(environ.get("HTTP_USER_AGENT"), LONGEST_AGENT),
        referrer=_page(environ.get("HTTP_REFERER")),
    )


def elapsed_ms() -> int | None:
    """Milliseconds since the current request began."""
    started = g.get("started") if has_request_context() else None
    return None if started is None else max(0, round((time.perf_counter() - started) * 1000))


def _stored(text: str | None, longest: int) -> str | None:
    return UNSTORABLE.sub("", text)[:longest] or None if text else None


def _page(referrer: str | None) -> str | None:
    """The referring page without its query, fragment or credentials, which can be private."""
    if not referrer:
        return None
    try:
        parts = urlsplit(UNSTORABLE.sub("", referrer))
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"}:
        return None
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"[:LONGEST_REFERRER] if host else None
