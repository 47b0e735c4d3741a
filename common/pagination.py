"""Keyset pagination: signed opaque cursors, the list envelope, and the Link header (RFC 8288).

A list is ordered by a key that ends in the row's id, so every key is unique and a page is
"the rows after this key". A cursor carries the key, masked, and is signed together with its scope
(the endpoint, its ordering and filters), so it opens no other list and tells nothing.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b, shake_256
from hmac import compare_digest
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import orjson
from flask import Response, current_app, request

from common.errors import BadRequest

Row = TypeVar("Row")
Key = tuple[Any, ...]

MAC_BYTES = 12
LONGEST_CURSOR = 512
PLACE_NAMES = {"cursor", "before"}
PLACE = re.compile("(cursor|before)=")
# Written as we would write it, names without escapes, so that it can be taken over as it is.
_PARAMETER = r"[a-z_]+=(?:[A-Za-z0-9_.~+-]|%[0-9A-F]{2})*"
PLAIN_QUERY = re.compile(f"({_PARAMETER}(&{_PARAMETER})*)?")
# Longer than any address that reached us, with a cursor added and all of it percent-encoded.
LONGEST_URL = 16_384
DEFAULT_PAGE_SIZE = 20
LARGEST_PAGE = 100


@dataclass(frozen=True)
class Position:
    """A place in a list: right after `key`, or right before it when reading backward."""

    key: Key
    backward: bool = False


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page in list order, with the cursors of its neighbours."""

    rows: list[Row]
    next_cursor: str | None
    previous_cursor: str | None

    @property
    def has_more(self) -> bool:
        return self.next_cursor is not None


def _mac(payload: bytes, scope: str) -> bytes:
    secret = blake2b(current_app.config["SECRET_KEY"].encode(), person=b"cursor").digest()
    return blake2b(
        len(payload).to_bytes(4, "big") + payload + scope.encode(),
        key=secret,
        digest_size=MAC_BYTES,
    ).digest()


def _masked(payload: bytes, mac: bytes) -> bytes:
    """`payload` hidden under a stream that its MAC begins, or such a one laid bare again.

    A key may hold what no answer does: when somebody registered, for one.
    """
    secret = blake2b(current_app.config["SECRET_KEY"].encode(), person=b"cursor mask").digest()
    stream = shake_256(secret + mac).digest(len(payload))
    return bytes(one ^ other for one, other in zip(payload, stream, strict=True))


def make_cursor(position: Position, scope: str) -> str:
    """Write `position` as a token that only a list of the same `scope` will read."""
    payload = orjson.dumps([int(position.backward), *position.key])
    mac = _mac(payload, scope)
    return urlsafe_b64encode(mac + _masked(payload, mac)).rstrip(b"=").decode()


def read_cursor(token: str, scope: str) -> Position:
    """Read a token of `make_cursor`. Raises BadRequest for any other."""
    try:
        if len(token) > LONGEST_CURSOR:
            raise ValueError
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        mac, masked = raw[:MAC_BYTES], raw[MAC_BYTES:]
        payload = _masked(masked, mac)
        # Re-encoding refuses the spellings of one token that base64 would tolerate.
        if urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
            raise ValueError
        if not compare_digest(mac, _mac(payload, scope)):
            raise ValueError
    except (ValueError, Base64Error):
        raise BadRequest(
            "cursor: this cursor is damaged, or belongs to another ordering or filter; "
            "start again without it.",
            errors={"query": {"cursor": ["Not a cursor of this list, ordering and filters."]}},
        ) from None
    backward, *key = orjson.loads(payload)
    return Position(tuple(key), bool(backward))


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
    backward = position is not None and position.backward
    rows = list(fetch(position, page_size + 1))
    further = len(rows) > page_size
    rows = rows[:page_size]
    if backward:
        rows.reverse()
    has_next = bool(rows) and (further or backward)
    has_previous = bool(rows) and (further if backward else position is not None)
    return Page(
        rows,
        make_cursor(Position(key_of(rows[-1])), scope) if has_next else None,
        make_cursor(Position(key_of(rows[0]), backward=True), scope) if has_previous else None,
    )


def page_url(cursor: str | None) -> str | None:
    """The current address with `cursor` in place of its own, every other parameter kept."""
    if cursor is None:
        return None
    path = quote(request.path.rstrip("/")) + "/"
    return f"{request.scheme}://{request.host}{path}?{_kept_parameters()}cursor={cursor}"


def _kept_parameters() -> str:
    """Every parameter but the place in the list, ready to be followed by another."""
    asked = request.environ["QUERY_STRING"]
    if PLAIN_QUERY.fullmatch(asked):
        parts = [part for part in asked.split("&") if part and not PLACE.match(part)]
        return "".join(f"{part}&" for part in parts)
    kept = [
        (name, value) for name, value in request.args.items(multi=True) if name not in PLACE_NAMES
    ]
    return f"{urlencode(kept)}&" if kept else ""


def envelope(page: Page[Any], results: Sequence[Any]) -> dict[str, Any]:
    """The list's envelope around already serialised `results`."""
    return {
        "results": results,
        "next": page_url(page.next_cursor),
        "previous": page_url(page.previous_cursor),
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
