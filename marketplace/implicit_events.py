"""What the log learns from a visitor's reading: one place decides which request records what."""

from collections.abc import Iterator

from flask import request

from activity import Action, observe
from activity.request_facts import elapsed_ms
from common.auth import current_user_id
from marketplace.query import TutorQuery


def observe_list(query: TutorQuery, result_count: int, status_code: int) -> None:
    """Record the search, the filters and the ordering that a first page was asked with."""
    if query.cursor is None:
        for action, metadata in list_events(query, result_count):
            _observe(action, metadata, status_code)


def list_events(query: TutorQuery, result_count: int) -> Iterator[tuple[str, dict[str, object]]]:
    """The events of a first page: one for each of text, filters and ordering that was asked."""
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


def observe_view(tutor_id: int, status_code: int) -> None:
    """Record that somebody looked at a tutor."""
    _observe(Action.PROFILE_VIEWED, {"tutor_id": tutor_id}, status_code)


def _observe(action: str, metadata: dict[str, object], status_code: int) -> None:
    # A HEAD shows nobody anything.
    if request.method == "GET":
        observe(
            action,
            current_user_id(),
            metadata=metadata,
            status_code=status_code,
            duration_ms=elapsed_ms(),
        )
