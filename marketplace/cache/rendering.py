"""From rows to bytes: a page is joined from the cards' ready JSON, and never serialised."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, request

from common.http.conditional import REVALIDATE, etag_holds, strong_etag
from common.http.pagination import link_value, page_url
from marketplace.analytics.shown import Shown


@dataclass(frozen=True)
class PageContent:
    """All of a page that is the same for everybody, whatever address they reach us by."""

    cards: bytes
    digest: str
    next_cursor: str | None
    previous_cursor: str | None
    count: int
    count_capped: bool
    # Of the public rows that the page was read from.
    revision: int
    query_id: str
    # In the order of the page.
    tutor_ids: list[int]
    did_you_mean: str | None = None

    def to_json(self) -> bytes:
        """For a cache that several processes share."""
        return orjson.dumps(vars(self) | {"cards": self.cards.decode()})

    @staticmethod
    def of_json(stored: bytes) -> "PageContent":
        """What `to_json` was made of."""
        members = orjson.loads(stored)
        return PageContent(**members | {"cards": members["cards"].encode()})


@dataclass(slots=True)
class RenderedResponse:
    """What one address is answered with. `etag` is a hash of the body and depends on nothing else,
    so that it tells no more than the body does. `body` is None where only the hash was cached."""

    revision: int
    etag: str
    count: int
    body: bytes | None
    link: str | None = None
    # On the monotonic clock: until when the body may be sent again.
    expires: float = math.inf
    # The route, and the events that a request to it records.
    rule: str = ""
    events: tuple[tuple[str, dict[str, Any]], ...] = ()
    # What is counted of such a request.
    shown: Shown | None = None

    def without_body(self) -> "RenderedResponse":
        """What is worth caching of a response that few will ask for again."""
        return RenderedResponse(
            self.revision,
            self.etag,
            self.count,
            None,
            rule=self.rule,
            events=self.events,
            shown=self.shown,
        )


def page_content(
    cards: Iterable[bytes],
    etags: Iterable[bytes],
    next_cursor: str | None,
    previous_cursor: str | None,
    count: int,
    count_capped: bool,
    revision: int,
    query_id: str,
    tutor_ids: Iterable[int] = (),
    did_you_mean: str | None = None,
) -> PageContent:
    return PageContent(
        b",".join(cards),
        # The cards' own hashes stand for them: to hash all of their bytes again takes longer.
        strong_etag(b",".join(etags)),
        next_cursor,
        previous_cursor,
        count,
        count_capped,
        revision,
        query_id,
        list(tutor_ids),
        did_you_mean,
    )


def render_page(content: PageContent, environ: dict[str, Any]) -> RenderedResponse:
    """The page with the links of the address that a request came by."""
    next_url = page_url(content.next_cursor, environ)
    previous_url = page_url(content.previous_cursor, environ)
    rest = orjson.dumps(
        {
            "next": next_url,
            "previous": previous_url,
            "next_cursor": content.next_cursor,
            "has_more": next_url is not None,
            "count": content.count,
            "count_capped": content.count_capped,
            "did_you_mean": content.did_you_mean,
            "query_id": content.query_id,
        }
    )
    return RenderedResponse(
        revision=content.revision,
        etag=strong_etag(content.digest, rest),
        count=content.count,
        body=b"".join((b'{"results":[', content.cards, b"],", rest[1:])),
        link=link_value(next_url, previous_url),
    )


def status_headers_and_body(
    rendered: RenderedResponse, environ: dict[str, Any]
) -> tuple[int, list[tuple[str, str]], bytes]:
    """What a request is answered with: a 304 if its client has the response already."""
    headers = [("ETag", f'"{rendered.etag}"'), ("Cache-Control", REVALIDATE)]
    if rendered.body is None or etag_holds(rendered.etag, environ):
        return 304, headers, b""
    headers.append(("Content-Type", "application/json"))
    if rendered.link is not None:
        headers.append(("Link", rendered.link))
    return 200, headers, rendered.body


def to_response(rendered: RenderedResponse) -> Response:
    """The response of the present request."""
    status, headers, body = status_headers_and_body(rendered, request.environ)
    return Response(body, status=status, headers=headers)
