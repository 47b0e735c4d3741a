"""Keyset pagination: pages, the list envelope, and the Link header (RFC 8288).

A list is ordered by a key that ends in the row's id, so every key is unique and a page is
"the rows after this key".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from flask import Request, Response, request

from common.http.cursors import LONGEST_CURSOR, Key, Position, make_cursor, read_cursor
from common.http.middleware.host import host_of
from common.http.schemas.plain_queries import PLAIN_QUERY

Row = TypeVar("Row")

POSITION_NAMES = {"cursor", "before"}
POSITION = re.compile("(cursor|before)=")
# Longer than any address that reached us, with a cursor added and all of it percent-encoded.
LONGEST_URL = 16_384
DEFAULT_PAGE_SIZE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page in list order, with the cursors of its neighbours."""

    rows: list[Row]
    next_cursor: str | None
    previous_cursor: str | None

    @property
    def has_more(self) -> bool:
        return self.next_cursor is not None


def paginate(
    fetch: Callable[[Position | None, int], Sequence[Row]],
    key_of: Callable[[Row], Key],
    page_size: int,
    cursor: str | None,
    scope: str,
) -> Page[Row]:
    """Read one page.

    `fetch(position, limit)` returns up to `limit` rows from `position` on, nearest first: in
    list order going forward, in reverse going backward. One row more than the page tells
    whether there is a further page.
    """
    position = read_cursor(cursor, scope) if cursor else None
    return page_of(fetch(position, page_size + 1), key_of, page_size, position, scope)


def page_of(
    found: Sequence[Row],
    key_of: Callable[[Row], Key],
    page_size: int,
    position: Position | None,
    scope: str,
    is_followed: bool = False,
) -> Page[Row]:
    """A page out of up to `page_size + 1` rows that were read from `position` on, nearest first.

    `is_followed`: there is a row beyond them, which was not read.
    """
    backward = position is not None and position.backward
    rows = list(found)
    further = is_followed or len(rows) > page_size
    rows = rows[:page_size]
    if backward:
        rows.reverse()
    has_next = bool(rows) and (further or backward)
    has_previous = bool(rows) and (further if backward else position is not None)
    return Page(
        rows,
        make_cursor(Position(key_of(rows[-1])), scope) if has_next else None,
        (make_cursor(Position(key_of(rows[0]), backward=True), scope) if has_previous else None),
    )


def page_url(cursor: str | None, environ: dict[str, Any]) -> str | None:
    """The absolute URL of a WSGI request with `cursor` in place of its own, every other parameter
    unchanged."""
    if cursor is None:
        return None
    # WSGI (PEP 3333) decodes a path's bytes as latin-1.
    path = quote(environ["PATH_INFO"].encode("latin-1").rstrip(b"/")) + "/"
    origin = f"{environ['wsgi.url_scheme']}://{host_of(environ)}"
    return f"{origin}{path}?{_other_parameters(environ)}cursor={cursor}"


def _other_parameters(environ: dict[str, Any]) -> str:
    """Every parameter but the position in the list, ready to be followed by another."""
    query = environ["QUERY_STRING"]
    if PLAIN_QUERY.fullmatch(query):
        parts = [part for part in query.split("&") if part and not POSITION.match(part)]
        return "".join(f"{part}&" for part in parts)
    arguments = Request(environ).args.items(multi=True)
    others = [(name, value) for name, value in arguments if name not in POSITION_NAMES]
    return f"{urlencode(others)}&" if others else ""


def envelope(
    page: Page[Any], results: Sequence[Any], environ: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The list's envelope around already serialised `results`, for the present request or another's
    environment."""
    environ = request.environ if environ is None else environ
    return {
        "results": results,
        "next": page_url(page.next_cursor, environ),
        "previous": page_url(page.previous_cursor, environ),
        "next_cursor": page.next_cursor,
        "has_more": page.has_more,
    }


def next_page_link(operation: str) -> dict[str, Any]:
    """The OpenAPI link from a page of `operation` to the one after it."""
    return {
        "next": {
            "operationId": operation,
            "parameters": {"cursor": "$response.body#/next_cursor"},
            "description": "The next page, asked for with the same filters.",
        }
    }


def link_value(next_url: str | None, previous_url: str | None) -> str | None:
    """The Link header for the neighbouring pages that exist."""
    links = [
        f'<{url}>; rel="{relation}"'
        for url, relation in ((next_url, "next"), (previous_url, "prev"))
        if url
    ]
    return ", ".join(links) or None


def link(response: Response, next_url: str | None, previous_url: str | None) -> Response:
    """Add the Link header to a response."""
    value = link_value(next_url, previous_url)
    if value is not None:
        response.headers["Link"] = value
    return response


__all__ = [
    "DEFAULT_PAGE_SIZE",
    "LARGEST_PAGE",
    "LONGEST_CURSOR",
    "LONGEST_URL",
    "Key",
    "Page",
    "Position",
    "envelope",
    "link",
    "link_value",
    "make_cursor",
    "next_page_link",
    "page_url",
    "paginate",
    "read_cursor",
]
