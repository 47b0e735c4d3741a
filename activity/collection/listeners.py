"""Tells other domains of the events that clients sent, once they are stored."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
import structlog
from flask import Flask, current_app

from activity.recording.bulk_insert import QueuedEvent

log = structlog.get_logger()

EXTENSION = "activity_client_events"
# Called with the metadata of an event.
Listener = Callable[[dict[str, Any]], None]


def init_app(app: Flask) -> None:
    app.extensions.setdefault(EXTENSION, {})


def on_client_event(app: Flask, action: str, listener: Listener) -> None:
    """Have `listener` called, in the request, for each new event `action` of a batch."""
    app.extensions.setdefault(EXTENSION, {})[action] = listener


def notify(events: Iterable[QueuedEvent]) -> None:
    """Call the listeners. Never raises: the events are stored, whatever becomes of them here."""
    listeners: dict[str, Listener] = current_app.extensions[EXTENSION]
    for event in events:
        listener = listeners.get(event.action)
        if listener is None:
            continue
        try:
            listener(orjson.loads(event.details))
        except Exception as error:
            log.error("listener failed", action=event.action, error=type(error).__name__)
