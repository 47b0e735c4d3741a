"""The events of reading the marketplace: which request records what."""

from collections.abc import Iterable, Iterator

from flask import request

from activity import Action, observe
from activity.request_context import elapsed_ms
from common.http.auth import current_user_id
from marketplace.listing.query import TutorQuery

Event = tuple[str, dict[str, object]]


def page_events(query: TutorQuery, result_count: int) -> tuple[Event, ...]:
    """The events of a first page; further pages record nothing."""
    return tuple(list_events(query, result_count)) if query.cursor is None else ()


def list_events(query: TutorQuery, result_count: int) -> Iterator[Event]:
    """The events of a first page: one for each of search, filters and ordering that the query has."""
    filters = query.filters.given
    if query.search:
        yield Action.MARKETPLACE_SEARCH, {
            "query": query.search,
            "filters": filters,
            "result_count": result_count,
        }
    if filters:
        yield Action.MARKETPLACE_FILTER_APPLIED, {
            "filters": filters,
            "result_count": result_count,
        }
    if query.ordering is not None:
        yield Action.MARKETPLACE_SORT_CHANGED, {"ordering": query.ordering}


def view_event(tutor_id: int) -> Event:
    """That a tutor's page was read."""
    return Action.PROFILE_VIEWED, {"tutor_id": tutor_id}


def observe_all(events: Iterable[Event], status_code: int) -> None:
    """Record what the present request is answered with."""
    # A HEAD shows nothing.
    for action, metadata in events if request.method == "GET" else ():
        observe(
            action,
            current_user_id(),
            metadata=metadata,
            status_code=status_code,
            duration_ms=elapsed_ms(),
        )
