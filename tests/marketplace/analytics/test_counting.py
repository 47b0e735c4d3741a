"""Counting in a process: bounded, and nothing is lost but what a killed process has not written."""

import os
import time

import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from activity import event_queue
from common.database.session import db
from marketplace.analytics import counting
from marketplace.analytics.counting import MOST_ENTRIES, Collector, CountWindow, count_shown
from marketplace.analytics.shown import ShownPage, packed
from tests.factories import make_tutor
from tests.live_server import LiveServer
from tests.marketplace.analytics.visitors import count_of, rows, search, visitor
from tests.marketplace.list_requests import ADDRESS, get_page
from tests.waiting import eventually

LISTED = {"headline": "Математика", "subjects": ["Математика"]}
ENVIRON = {"REMOTE_ADDR": "198.51.100.1"}


def open_window(app: Flask) -> CountWindow | None:
    collector: Collector = app.extensions[counting.EXTENSION]
    return collector._window


def test_counts_wait_for_the_database_and_are_not_lost(app: Flask, client: FlaskClient) -> None:
    tutor = make_tutor(**LISTED)
    with db.engine.connect() as blocker:
        blocker.execute(text("lock table insight_pages in access exclusive mode"))
        for _ in range(4):
            get_page(client)
            time.sleep(0.15)
        blocker.rollback()
    assert count_of(tutor.id)["appearances"] == 4


def test_a_process_holds_a_bounded_number_of_different_pages(app: Flask) -> None:
    with db.engine.connect() as blocker:
        blocker.execute(text("lock table insight_pages in access exclusive mode"))
        # The writer waits with the first; the others are added to the one after it.
        count_shown(ShownPage(packed([1]), True), ENVIRON, None)
        eventually(lambda: open_window(app) is None)
        for _ in range(MOST_ENTRIES + 20):
            count_shown(ShownPage(packed([1]), True), ENVIRON, None)
        window = open_window(app)
        assert window is not None and len(window.pages) == MOST_ENTRIES
        assert event_queue().depth() <= 2
        blocker.rollback()
    assert event_queue().drain()
    assert rows("select count(*) from insight_pages") == [(0,)]


def test_a_forked_child_counts_none_of_what_its_parent_writes(app: Flask) -> None:
    with db.engine.connect() as blocker:
        blocker.execute(text("lock table insight_pages in access exclusive mode"))
        count_shown(ShownPage(packed([1]), True), ENVIRON, None)
        eventually(lambda: open_window(app) is None)
        count_shown(ShownPage(packed([1]), True), ENVIRON, None)
        child = os.fork()
        if child == 0:
            os._exit(0 if open_window(app) is None else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert open_window(app) is not None
        blocker.rollback()


def test_two_workers_count_every_request_once(live_server: LiveServer, app: Flask) -> None:
    tutor = make_tutor(**LISTED)
    for number in range(40):
        query = "?search=математика" if number % 2 else ""
        assert requests.get(f"{live_server.url}{ADDRESS}{query}", timeout=10).status_code == 200
    eventually(lambda: count_of(tutor.id)["appearances"] == 40)
    assert rows("select requests, callers from search_daily_counts") == [(20, 1)]


def test_counting_that_fails_fails_no_request(app: Flask, client: FlaskClient) -> None:
    make_tutor(**LISTED)
    collector = app.extensions.pop(counting.EXTENSION)
    try:
        assert search(visitor(client, 1), "математика")
        assert get_page(client)["count"] == 1
    finally:
        app.extensions[counting.EXTENSION] = collector
    assert rows("select * from tutor_daily_counts") == []
