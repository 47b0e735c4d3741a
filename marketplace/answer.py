"""From rows to bytes: a page is joined from the cards' ready JSON, and never serialised."""

from dataclasses import dataclass

import orjson
from flask import Response

from common.pagination import link, page_url
from common.preconditions import not_modified, strong_etag, with_etag


@dataclass(frozen=True)
class Content:
    """All of a page that is the same for everybody, at whatever address they reach us."""

    cards: str
    digest: str
    next_cursor: str | None
    previous_cursor: str | None
    count: int
    count_capped: bool


def make_content(
    cards: list[str], next_cursor: str | None, previous_cursor: str | None, count: int, cap: int
) -> Content:
    joined = ",".join(cards)
    return Content(
        joined, strong_etag(joined), next_cursor, previous_cursor, min(count, cap), count > cap
    )


def answer_page(content: Content) -> Response:
    """The page, or a 304 to a client that has it."""
    next_url = page_url(content.next_cursor)
    previous_url = page_url(content.previous_cursor)
    rest = orjson.dumps(
        {
            "next": next_url,
            "previous": previous_url,
            "next_cursor": content.next_cursor,
            "has_more": next_url is not None,
            "count": content.count,
            "count_capped": content.count_capped,
            "did_you_mean": None,
        }
    )
    etag = strong_etag(content.digest, rest)
    unchanged = not_modified(etag)
    if unchanged is not None:
        return unchanged
    body = b'{"results":[' + content.cards.encode() + b"]," + rest[1:]
    response = with_etag(Response(body, mimetype="application/json"), etag)
    return link(response, next_url, previous_url)


def answer_card(card: str, etag: str) -> Response:
    """One tutor, or a 304 to a client that has it."""
    return not_modified(etag) or with_etag(Response(card, mimetype="application/json"), etag)
