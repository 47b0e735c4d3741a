"""What happened: the log each user can read, and the ways events get into it.

Others write with `record` (in their transaction) or `observe` (queued, by the way), naming an
`Action`. Users are known here by id only.
"""

from flask import Flask

from activity import models, queue
from activity.catalogue import Action
from activity.log import record
from activity.queue import event_queue, observe
from common.api import Api

__all__ = ["Action", "event_queue", "init_app", "models", "observe", "record"]


def init_app(app: Flask, api: Api) -> None:
    """Plug this domain in."""
    queue.init_app(app)
