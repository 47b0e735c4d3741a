"""What a page of one's log is answered with, by whichever way the request came."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from activity.log.confirmed_reading import Read, confirming
from activity.log.dates import end_of_day, start_of_day, time_zone_of
from activity.log.reading import (
    EventFilter,
    EventVersion,
    event_document,
    find_event,
    find_events,
    find_versions,
    key_of,
    log_scope,
    version_of,
)
from common.database.replicas import LOG, position_reader
from common.http.conditional import etag_holds, strong_etag
from common.http.middleware.host import host_of
from common.http.pagination import (
    DEFAULT_PAGE_SIZE,
    Position,
    envelope,
    link_value,
    page_of,
    read_cursor,
)
from common.http.problems.errors import BadRequest, Invalid
from common.translation import lazy_gettext

EVENT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# When `limit` and `before` became older names (RFC 9745).
DEPRECATED_SINCE = "@1767225600"
PRIVATE = "private, no-cache"


class LogAnswer(NamedTuple):
    """A 200, or a bodiless 304."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def answer_log(user_id: int, query: Mapping[str, Any], environ: dict[str, Any]) -> LogAnswer:
    """The page of the person's log that `query`, the values of an `EventQuery`, asks for.

    Its first statement asks too whether the caller may act, see `confirming`. Raises BadRequest and
    Invalid, naming the parameter.
    """
    event_filter, scope = _filter(user_id, query)
    scope = log_scope(user_id, scope)
    read = confirming(position_reader(LOG))
    position = _position(read, user_id, query, scope)
    size = query.get("page_size") or query.get("limit") or DEFAULT_PAGE_SIZE
    if "HTTP_IF_NONE_MATCH" in environ:
        tag = _tag(find_versions(read, user_id, event_filter, position, size + 1), environ)
        if etag_holds(tag, environ):
            return LogAnswer(304, _validators(tag), b"")
    events = find_events(read, user_id, event_filter, position, size + 1)
    page = page_of(events, key_of, size, position, scope)
    body = envelope(page, [event_document(event) for event in page.rows], environ)
    headers = [("Content-Type", "application/json")]
    headers += _validators(_tag(map(version_of, events), environ))
    if "limit" in query or "before" in query:
        headers.append(("Deprecation", DEPRECATED_SINCE))
    if link := link_value(body["next"], body["previous"]):
        headers.append(("Link", link))
    return LogAnswer(200, headers, orjson.dumps(body))


def _validators(tag: str) -> list[tuple[str, str]]:
    return [("ETag", f'"{tag}"'), ("Cache-Control", PRIVATE)]


def _tag(versions: Iterable[EventVersion], environ: dict[str, Any]) -> str:
    """Of a page's events and its address, which together determine every byte of it."""
    address = (environ["wsgi.url_scheme"], host_of(environ), environ["QUERY_STRING"])
    return strong_etag(*address, orjson.dumps([tuple(each) for each in versions]))


def _filter(user_id: int, query: Mapping[str, Any]) -> tuple[EventFilter, str]:
    """The filter of a query, and the scope of its cursors: the filter as it was written."""
    actions = tuple(sorted(set(query["action"])))
    entity_types = tuple(sorted(set(query["entity_type"])))
    start, end = query.get("date_from"), query.get("date_to")
    since, until = start, end
    if any(bound is not None and not isinstance(bound, datetime) for bound in (start, end)):
        zone = time_zone_of(user_id)
        if start is not None and not isinstance(start, datetime):
            since = start_of_day(start, zone)
        if end is not None and not isinstance(end, datetime):
            until = end_of_day(end, zone)
    if since is not None and until is not None and since > until:
        raise Invalid({"date_to": [lazy_gettext("Must not be before date_from.")]}, "query")
    return (
        EventFilter(actions, entity_types, since, until),
        orjson.dumps([actions, entity_types, start, end]).decode(),
    )


def _position(read: Read, user_id: int, query: Mapping[str, Any], scope: str) -> Position | None:
    """Where the page begins; an older client may name an event instead of a cursor.

    Raises BadRequest, naming the parameter.
    """
    before: str | None = query.get("before")
    if "cursor" in query:
        return read_cursor(query["cursor"], scope)
    if before is None:
        return None
    if not EVENT_ID.fullmatch(before):
        return _read_before(before, scope)
    event = find_event(user_id, UUID(before), read=read)
    if event is None:
        raise BadRequest(
            lazy_gettext("before: none of your events has this id."),
            errors={"query": {"before": [lazy_gettext("None of your events has this id.")]}},
        )
    return Position(key_of(event))


def _read_before(before: str, scope: str) -> Position:
    try:
        return read_cursor(before, scope, "before")
    except BadRequest:
        raise BadRequest(
            lazy_gettext(
                "before: neither the id of one of your events nor a cursor of this list and its filters."
            ),
            errors={
                "query": {
                    "before": [lazy_gettext("Neither an event's id nor a cursor of this list.")]
                }
            },
        ) from None
