"""From rows to bytes: a page is joined from the cards' ready JSON, and never serialised."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response

from common.http.conditional import REVALIDATE, etag_holds, not_modified, strong_etag, with_etag
from common.http.pagination import link_value, page_url

READ_CARD = "select card, etag from public_tutors where tutor_id = %(tutor_id)s"


@dataclass(frozen=True)
class PageContent:
    """All of a page that is the same for everybody, at whatever address they reach us."""

    cards: str
    digest: str
    next_cursor: str | None
    previous_cursor: str | None
    count: int
    count_capped: bool
    # Of the public rows that the page was read from.
    revision: int
    did_you_mean: str | None = None


@dataclass(slots=True)
class RenderedResponse:
    """What one address is answered with. `etag` is a hash of the body and depends on nothing else,
    so that it tells no more than the body does; of an answer without a body only that is known."""

    revision: int
    etag: str
    count: int
    body: bytes | None
    link: str | None = None
    # On the monotonic clock: until when the body may be sent again.
    expires: float = math.inf
    # The route, and what its being asked leaves in the log.
    rule: str = ""
    events: tuple[tuple[str, dict[str, Any]], ...] = ()

    def without_body(self) -> "RenderedResponse":
        """What is worth remembering of an answer that few will ask for again."""
        return RenderedResponse(
            self.revision, self.etag, self.count, None, rule=self.rule, events=self.events
        )


def page_content(
    cards: Iterable[str],
    etags: Iterable[str],
    next_cursor: str | None,
    previous_cursor: str | None,
    count: int,
    cap: int,
    revision: int,
    did_you_mean: str | None = None,
) -> PageContent:
    return PageContent(
        ",".join(cards),
        # The cards' own hashes stand for them: to hash all of their bytes again takes longer.
        strong_etag(",".join(etags)),
        next_cursor,
        previous_cursor,
        min(count, cap),
        count > cap,
        revision,
        did_you_mean,
    )


def render_page(content: PageContent, environ: dict[str, Any]) -> RenderedResponse:
    """The page as it is told at the address of a request."""
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
        }
    )
    return RenderedResponse(
        revision=content.revision,
        etag=strong_etag(content.digest, rest),
        count=content.count,
        body=b'{"results":[' + content.cards.encode() + b"]," + rest[1:],
        link=link_value(next_url, previous_url),
    )


def to_response(answer: RenderedResponse) -> Response:
    """The answer, or a 304 to a client that has it."""
    headers = [("ETag", f'"{answer.etag}"'), ("Cache-Control", REVALIDATE)]
    if answer.body is None or etag_holds(answer.etag):
        return Response(status=304, headers=headers)
    headers.append(("Content-Type", "application/json"))
    if answer.link is not None:
        headers.append(("Link", answer.link))
    return Response(answer.body, headers=headers)


def card_response(card: str, etag: str) -> Response:
    """One tutor, or a 304 to a client that has it."""
    return not_modified(etag) or with_etag(Response(card, mimetype="application/json"), etag)
