"""Counts what requests show, in the process; the queue of events writes it within its window.

Never waits, never raises. An appearance costs its request one addition under a lock.
"""

import os
import weakref
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import Connection

from activity import Accumulation, add_task, event_queue
from common import clock
from common.http.limits.byte_budget import spend_in_process
from common.operations.metrics.registry import Counter
from marketplace.analytics.keyed_hashes import salt_of, search_key
from marketplace.analytics.shown import Caller, Search, Shown, ShownCard, ShownPage, View, caller_of
from marketplace.analytics.upkeep import Upkeep
from marketplace.analytics.writing import Names, write_pages, write_searches, write_views

log = structlog.get_logger()

EXTENSION = "insights"
# Of different pages, searches and views each, between two writes: bounds the memory while the
# database is away.
MOST_ENTRIES = 5_000

DROPPED = Counter("insights_dropped", "Shown pages and cards that were not counted")


class CountWindow(Accumulation):
    """What was shown since the last write, all of it on one day in UTC."""

    action = "insights"

    def __init__(self, collector: "Collector", day: date) -> None:
        self.day = day
        self.ends = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        self.pages: dict[ShownPage, int] = {}
        self.searches: dict[Search, int] = {}
        self.views: dict[View, None] = {}
        self._collector = collector

    def write(self, connection: Connection) -> None:
        self._collector.close(self)
        if self.pages:
            write_pages(connection, self.day, self.pages)
        if not (self.searches or self.views):
            return
        names = Names(salt_of(connection, self.day), self._collector.key)
        if self.searches:
            write_searches(connection, self.day, self.searches, names)
        if self.views:
            write_views(connection, self.day, self.views, names)


class Collector:
    """The window that is open in this process. `key` names searches where they are stored."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.reset()
        _collectors.add(self)

    def reset(self) -> None:
        """Drop what is counted: also called in a forked child, whose parent writes it."""
        self._lock = Lock()
        self._window: CountWindow | None = None

    def close(self, window: CountWindow) -> None:
        """Let nothing be added to the window any more."""
        with self._lock:
            if self._window is window:
                self._window = None

    def add_page(self, page: ShownPage) -> None:
        with self._lock:
            pages = self._open().pages
            number = pages.get(page)
            if number is not None or len(pages) < MOST_ENTRIES:
                pages[page] = (number or 0) + 1
                return
        DROPPED.inc()

    def add_search(self, search: Search) -> None:
        with self._lock:
            searches = self._open().searches
            number = searches.get(search)
            if number is not None or len(searches) < MOST_ENTRIES:
                searches[search] = (number or 0) + 1
                return
        DROPPED.inc()

    def add_view(self, view: View) -> None:
        with self._lock:
            views = self._open().views
            if len(views) < MOST_ENTRIES:
                views[view] = None
                return
        DROPPED.inc()

    def _open(self) -> CountWindow:
        """The window of today; a new one is queued, and kept though the queue be full."""
        window = self._window
        if window is None or clock.now() >= window.ends:
            window = CountWindow(self, clock.now().date())
            # A full queue has no place for it: what is added is lost, and the next call tries again.
            self._window = window if event_queue().put(window) else None
        return window


_collectors: "weakref.WeakSet[Collector]" = weakref.WeakSet()


def _reset_all() -> None:
    for collector in list(_collectors):
        collector.reset()


os.register_at_fork(after_in_child=_reset_all)


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Collector(search_key(app.config["SECRET_KEY"]))
    add_task(app, Upkeep(app.config["INSIGHTS_RETENTION_DAYS"]))


def count_shown(shown: Shown | None, environ: Mapping[str, Any], user_id: int | None) -> None:
    """Count what the request of a WSGI environment and an account is answered with.

    A tutor's own views do not count.
    """
    if shown is None:
        return
    try:
        collector: Collector = current_app.extensions[EXTENSION]
        if isinstance(shown, ShownPage):
            collector.add_page(shown)
            if shown.search:
                _count_search(collector, shown, caller_of(environ, user_id))
        elif shown.tutor_id != user_id:
            _count_view(collector, shown, caller_of(environ, user_id))
    except Exception as error:
        # What a request does must not fail because it could not be counted.
        log.error("not counted", error=type(error).__name__)


def _count_search(collector: Collector, page: ShownPage, caller: Caller) -> None:
    if _may_count(caller):
        collector.add_search(Search(page, caller))


def _count_view(collector: Collector, card: ShownCard, caller: Caller) -> None:
    if _may_count(caller):
        collector.add_view(View(card.tutor_id, card.query_id, card.position, caller))


def _may_count(caller: Caller) -> bool:
    """Whether the caller has some of its budget left: searches and views take a row each."""
    key = f"user:{caller.user_id}" if caller.user_id is not None else caller.address
    if spend_in_process("INSIGHTS_CALLER_LIMIT", key, 1):
        return True
    DROPPED.inc()
    return False
