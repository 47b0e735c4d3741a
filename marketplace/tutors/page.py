"""A request for the list, one way down: plan, read and render a page, or take it from a cache.

Parsing comes before (schemas.py) and logging after (events.py); docs/request-path.md shows it all.
"""

import math
from dataclasses import replace
from typing import Any

from flask import current_app

from marketplace.cache.admission import count_public_read
from marketplace.cache.rendering import PageContent, RenderedResponse, page_content, render_page
from marketplace.cache.response_cache import find_valid, store_response
from marketplace.cache.shared_cache import shared_cache
from marketplace.listing.explanation import explain
from marketplace.listing.found_page import find_page
from marketplace.listing.indexed.filter_index import filter_index
from marketplace.listing.query import TutorQuery
from marketplace.listing.rows import card_of, etag_of, tutor_id_of
from marketplace.tutors.events import page_events, shown_page
from profiles.public.models import read_revision
from profiles.public.replica_reads import at_replicas

LIST_RULE = "/api/marketplace/tutors/"
DEFAULT_PAGE_ENTRY = "first"
# The same by a process that has no bitmaps yet, and so does not count all.
CAPPED_PAGE_ENTRY = "first-capped"


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
        content, expires = _default_content(query, revision or read_revision(), ttl_seconds)
    else:
        content, expires = _read_content(query, revision), math.inf
    response = render_page(content, environ)
    response.expires = expires
    response.events = page_events(query, response.count)
    response.shown = shown_page(query, content.tutor_ids)
    store_response(environ, LIST_RULE, response, keep_body=bool(ttl_seconds))
    return response


def _default_content(
    query: TutorQuery, revision: int, ttl_seconds: int
) -> tuple[PageContent, float]:
    """The list everybody sees first, whose content all processes share; and when it expires."""
    counts_all = filter_index().read(lambda bitmaps: True, revision) is not None
    name = DEFAULT_PAGE_ENTRY if counts_all else CAPPED_PAGE_ENTRY
    entry = shared_cache().get_or_compute(
        name, revision, ttl_seconds, lambda: _read_content(query, revision).to_json()
    )
    # The rows may be newer than `revision`, in which case nobody will ask for this entry again.
    return replace(PageContent.of_json(entry.value), revision=revision), entry.expires


def _read_content(query: TutorQuery, revision: int | None) -> PageContent:
    with at_replicas(revision):
        found = find_page(query)
        page, read = found.page, found.read
        explained = explain(found.query, page.rows) if query.explain else None
    return page_content(
        cards=map(card_of, page.rows) if explained is None else (each.text for each in explained),
        etags=map(etag_of, page.rows) if explained is None else (each.etag for each in explained),
        next_cursor=page.next_cursor,
        previous_cursor=page.previous_cursor,
        count=read.matches,
        count_capped=read.count_capped,
        revision=read.revision,
        query_id=query.query_id,
        tutor_ids=map(tutor_id_of, page.rows),
        did_you_mean=found.correction,
    )
