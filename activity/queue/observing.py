"""`observe`: queues an event of the catalogue, outside of the caller's transaction."""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from flask import Flask, current_app

from activity.queue.event_queue import DROPPED, FAILED, EventQueue
from activity.queue.tasks import tasks_of
from activity.recording.bulk_insert import ROW_BYTES, QueuedEvent
from activity.recording.byte_budgets import budgets_of_user
from activity.recording.daily_counts import visit_of
from activity.recording.events import server_event_values
from activity.recording.request_context import RequestContext, elapsed_ms
from activity.retention.maintenance import Retention
from common.database.session import engine_options
from common.http.limits.byte_budget import spend_if_room
from common.operations.metrics.registry import Gauge
from common.operations.metrics.sampling import sampler_of

log = structlog.get_logger()

EXTENSION = "activity_queue"
DEPTH = Gauge("activity_event_queue_depth", "Implicit events waiting", multiprocess_mode="livesum")


def init_app(app: Flask) -> None:
    options = engine_options(app.config)
    retention = Retention(
        app.config["ACTIVITY_RETENTION_DAYS"], app.config["ACTIVITY_ADDRESS_DAYS"]
    )
    capacity = app.config["EVENT_QUEUE_SIZE"]
    # What is not flushed reaches no replica, and readers of logs would wait for it.
    is_flushed = bool(app.config["READ_DATABASE_URLS"])
    queue = EventQueue(options, capacity, retention, tasks_of(app), is_flushed)
    app.extensions[EXTENSION] = queue
    sampler_of(app).track_gauge(DEPTH, queue.depth)


def event_queue() -> EventQueue:
    """The present application's queue in this process."""
    queue: EventQueue = current_app.extensions[EXTENSION]
    return queue


def observe(
    action: str,
    user_id: int | None,
    *,
    metadata: Mapping[str, Any],
    status_code: int = 200,
    duration_ms: int | None = None,
    context: RequestContext | None = None,
) -> None:
    """Queued: have an event of the catalogue stored soon, outside of the caller's transaction.

    Never waits, never raises. Of a caller without an account only a daily count grows; of one who
    floods the log (`USER_EVENT_BYTES`) further events are dropped and counted.
    `context` is that of a request that Flask has not seen.
    """
    try:
        if user_id is None:
            event_queue().put(visit_of(action, metadata))
            return
        values = server_event_values(action, user_id, dict(metadata), context)
        values["details"] = orjson.dumps(metadata).decode()
        size = ROW_BYTES + len(values["details"])
        if not spend_if_room(budgets_of_user(user_id), size):
            DROPPED.inc()
            return
        values["duration_ms"] = elapsed_ms() if duration_ms is None else duration_ms
        event_queue().put(QueuedEvent(**values, status_code=status_code))
    except Exception as error:
        # What a request does must not fail because it could not be logged.
        FAILED.inc()
        log.error("event not queued", action=action, error=type(error).__name__)
