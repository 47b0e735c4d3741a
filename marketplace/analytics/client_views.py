"""Counts the profiles that clients say were viewed: `profile.viewed` in a batch of events."""

import re
from typing import Any

from flask import Flask, request

from activity import Action, on_client_event
from common.http.auth import current_user_id
from common.http.schemas.fields import LARGEST_INTEGER
from marketplace.analytics.counting import count_shown
from marketplace.analytics.shown import LAST_POSITION, ShownCard

QUERY_ID = re.compile("[0-9a-f]{16}")


def init_app(app: Flask) -> None:
    on_client_event(app, Action.PROFILE_VIEWED, count_client_view)


def count_client_view(metadata: dict[str, Any]) -> None:
    """Count a view whose metadata name the tutor. What else they name is left out unless it is valid:
    the event is the client's own, and stored as it came."""
    tutor_id = _integer(metadata.get("tutor_id"), LARGEST_INTEGER)
    if tutor_id is None:
        return
    query_id = metadata.get("query_id")
    if not isinstance(query_id, str) or not QUERY_ID.fullmatch(query_id):
        query_id = None
    position = _integer(metadata.get("position"), LAST_POSITION)
    shown = ShownCard(tutor_id, query_id, position)
    count_shown(shown, request.environ, current_user_id())


def _integer(value: Any, largest: int) -> int | None:
    is_valid = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= largest
    return value if is_valid else None
