"""The events of reading the marketplace: which request records what."""

from collections.abc import Iterable, Iterator

from flask import request

from activity import Action, observe
from activity.recording.request_context import elapsed_ms
from common.http.auth import current_user_id
from marketplace.analytics.counting import count_shown
from marketplace.analytics.shown import Shown, ShownCard, ShownPage, normalised, packed
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


def view_event(card: ShownCard) -> Event:
    """That a tutor's page was read, and by what list it was found, where the client says so."""
    metadata: dict[str, object] = {"tutor_id": card.tutor_id}
    if card.query_id is not None:
        metadata["query_id"] = card.query_id
    if card.position is not None:
        metadata["position"] = card.position
    return Action.PROFILE_VIEWED, metadata


def shown_page(query: TutorQuery, tutor_ids: Iterable[int]) -> ShownPage:
    """What is counted of a page: its tutors, and of a first one the search and the filters too."""
    if query.cursor is not None:
        return ShownPage(packed(tutor_ids), False)
    return ShownPage(
        packed(tutor_ids),
        True,
        query.query_id,
        normalised(query.search),
        tuple(query.filters.given),
    )


def observe_all(events: Iterable[Event], status_code: int, shown: Shown | None = None) -> None:
    """Record and count what the present request is answered with."""
    # A HEAD shows nothing.
    if request.method != "GET":
        return
    count_shown(shown, request.environ, current_user_id())
    for action, metadata in events:
        observe(
            action,
            current_user_id(),
            metadata=metadata,
            status_code=status_code,
            duration_ms=elapsed_ms(),
        )
