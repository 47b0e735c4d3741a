"""A request for the list, one way down: plan, read and render a page, or take it from a cache.

Parsing comes before (schemas.py) and logging after (events.py); docs/request-path.md shows it all.
"""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import orjson
from flask import current_app

from common.http.pagination import page_of, read_cursor
from marketplace.cache.admission import count_public_read, expensive_read
from marketplace.cache.rendering import PageContent, RenderedResponse, page_content, render_page
from marketplace.cache.response_cache import find_valid, store_response
from marketplace.cache.shared_cache import shared_cache
from marketplace.events import page_events
from marketplace.listing.explanation import explain
from marketplace.listing.pages import card_of, etag_of, key_of, read_page
from marketplace.listing.query import COUNTED_UP_TO, TutorQuery
from marketplace.listing.spelling import did_you_mean
from marketplace.listing.statements.candidates import needs_positions
from profiles.public.models import read_revision

LIST_RULE = "/api/marketplace/tutors/"
DEFAULT_PAGE_ENTRY = "first"


def find_tutors(query: TutorQuery, environ: dict[str, Any]) -> RenderedResponse:
    """The response to a request for the list, with the events that it records.

    Raises BadRequest for a cursor of another list, psycopg2.Error where the database fails.
    """
    cached, revision = find_valid(environ)
    if cached is not None:
        return cached
    count_public_read(environ)
    ttl_seconds = current_app.config["LIST_CACHE_SECONDS"] if query.is_default_page else 0
    if ttl_seconds:
        response = _render_default_page(query, environ, revision, ttl_seconds)
    else:
        response = render_page(_read_content(query), environ)
    response.events = page_events(query, response.count)
    store_response(environ, LIST_RULE, response, keep_body=bool(ttl_seconds))
    return response


def _render_default_page(
    query: TutorQuery, environ: dict[str, Any], revision: int | None, ttl_seconds: int
) -> RenderedResponse:
    """The list everybody sees first, whose content all processes share."""
    if revision is None:
        revision = read_revision()
    entry = shared_cache().get_or_compute(
        DEFAULT_PAGE_ENTRY, revision, ttl_seconds, lambda: orjson.dumps(_read_content(query))
    )
    # The rows may be newer than `revision`, in which case nobody will ask for this entry again.
    content = replace(PageContent(**orjson.loads(entry.value)), revision=revision)
    return replace(render_page(content, environ), expires=entry.expires)


def _read_content(query: TutorQuery) -> PageContent:
    position = read_cursor(query.cursor, query.scope) if query.cursor else None
    with expensive_read() if needs_positions(query.words) else nullcontext():
        read = read_page(query, position, query.page_size + 1)
    page = page_of(read.rows, key_of, query.page_size, position, query.scope)
    explained = explain(query, page.rows) if query.explain else None
    return page_content(
        cards=map(card_of, page.rows) if explained is None else (each.text for each in explained),
        etags=map(etag_of, page.rows) if explained is None else (each.etag for each in explained),
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        matches=read.matches,
        cap=COUNTED_UP_TO,
        revision=read.revision,
        query_id=query.query_id,
        did_you_mean=None if read.matches else did_you_mean(query),
        is_cut=read.is_cut,
    )
