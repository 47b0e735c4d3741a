"""The list as it is answered: from what is remembered or kept where that holds, else read."""

from collections.abc import Sequence
from typing import Any

from flask import current_app

from common.http.pagination import Position, paginate
from marketplace.cache.response_cache import revalidate_or_render
from marketplace.events import page_events
from marketplace.listing.default_page import first_page
from marketplace.listing.pages import Found, card_of, etag_of, key_of, read_page
from marketplace.listing.query import COUNTED_UP_TO, TutorQuery
from marketplace.listing.spelling import did_you_mean
from marketplace.rendering import PageContent, RenderedResponse, page_content, render_page
from profiles.public.models import read_revision

LIST_RULE = "/api/marketplace/tutors/"


def find_tutors(query: TutorQuery, environ: dict[str, Any]) -> RenderedResponse:
    """The answer to a request for the list. Raises BadRequest for a cursor of another list."""
    is_kept = query.is_default_page and bool(current_app.config["LIST_CACHE_SECONDS"])

    def read(revision: int | None) -> RenderedResponse:
        if not is_kept:
            answer = render_page(_read_content(query), environ)
            answer.events = page_events(query, answer.count)
            return answer
        if revision is None:
            revision = read_revision()
        return first_page(revision, lambda: _read_content(query), environ)

    return revalidate_or_render(environ, LIST_RULE, read, keep_body=is_kept)


def _read_content(query: TutorQuery) -> PageContent:
    count = revision = 0

    def fetch(position: Position | None, limit: int) -> Sequence[Found]:
        nonlocal count, revision
        found, count, revision = read_page(query, position, limit)
        return found

    page = paginate(fetch, key_of, query.page_size, query.cursor, query.scope)
    return page_content(
        map(card_of, page.rows),
        map(etag_of, page.rows),
        page.next_cursor,
        page.previous_cursor,
        count,
        COUNTED_UP_TO,
        revision,
        None if count else did_you_mean(query),
    )
