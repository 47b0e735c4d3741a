"""The event log: how events are recorded, collected from clients, read by their person and expired.

Other domains write with `record` (in their transaction) or `observe` (queued), naming an
`Action`. Accounts and profiles live elsewhere: people are known here by id only.
"""

from flask import Flask

from activity import documentation, models
from activity.blueprint import bp
from activity.catalogue import Action
from activity.collection import listeners
from activity.collection import routes as collection_routes
from activity.collection.listeners import on_client_event
from activity.log import routes as log_routes
from activity.log.fast_path import LogFastPath
from activity.log.reading import (
    EventFilter,
    event_page,
    find_event,
    iterate_events,
    latest_events,
    log_scope,
    metadata_of,
)
from activity.partitions import ensure_partitions
from activity.queue import observing
from activity.queue.accumulation import Accumulation
from activity.queue.observing import event_queue, observe
from activity.queue.tasks import add_task
from activity.recording.events import INSERT_EVENT, event_parameters, record
from activity.retention import cli, maintenance_tasks
from activity.retention.erasure import erase_events
from activity.uuid_time import event_id
from common.app import MarketplaceApp
from common.docs import add_tables
from common.http.api import Api

__all__ = [
    "Accumulation",
    "Action",
    "EventFilter",
    "INSERT_EVENT",
    "add_task",
    "ensure_partitions",
    "erase_events",
    "event_id",
    "event_page",
    "event_parameters",
    "event_queue",
    "find_event",
    "collection_routes",
    "init_app",
    "iterate_events",
    "latest_events",
    "log_routes",
    "log_scope",
    "metadata_of",
    "models",
    "observe",
    "on_client_event",
    "record",
]


def init_app(app: Flask, api: Api) -> None:
    """Plug this domain in."""
    listeners.init_app(app)
    observing.init_app(app)
    api.register_blueprint(bp)
    cli.init_app(app)
    maintenance_tasks.init_app(app)
    add_tables(app, documentation.tables())
    if isinstance(app, MarketplaceApp):
        app.fast_paths.append(LogFastPath(app))
