"""What the queue's writer does for the counts beside writing them."""

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from activity import event_queue
from common.clock import now
from common.database.session import db
from marketplace.analytics.roll_up import ROLL_UP_LOCK, roll_up
from marketplace.analytics.upkeep import Upkeep
from tests.conftest import MakeApp
from tests.factories import make_tutor
from tests.marketplace.analytics.visitors import view, visitor
from tests.marketplace.list_requests import get_page

LISTED = {"headline": "Математика", "subjects": ["Математика"]}


def number(table: str) -> int:
    found = db.session.scalar(text(f"select count(*) from {table}"))
    db.session.rollback()
    return int(found or 0)


def test_pages_are_rolled_up_now_and_then(app: Flask, client: FlaskClient) -> None:
    make_tutor(**LISTED)
    upkeep = Upkeep(400)
    for waiting in (0, 1):
        get_page(client)
        assert event_queue().drain()
        upkeep(db.engine)
        # The second time it is not due yet.
        assert number("insight_pages") == waiting
    assert number("tutor_daily_counts") == 1


def test_while_one_process_rolls_up_another_leaves_it_alone(
    app: Flask, client: FlaskClient
) -> None:
    make_tutor(**LISTED)
    get_page(client)
    assert event_queue().drain()
    with db.engine.begin() as one, db.engine.begin() as other:
        one.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ROLL_UP_LOCK})
        assert not roll_up(other)
    assert number("insight_pages") == 1


def test_what_goes_with_the_day_goes_with_the_first_write_of_the_next(
    app: Flask, make_app: MakeApp
) -> None:
    tutor = make_tutor(**LISTED)
    # The suite's own application may remember a key that was deleted after an earlier test.
    fresh = make_app()
    view(visitor(fresh.test_client(), 1), tutor.id)
    with fresh.app_context():
        assert event_queue().drain()
    upkeep = Upkeep(400)
    upkeep(db.engine)
    assert (number("tutor_visitors"), number("insight_salts")) == (1, 1)
    with time_machine.travel(now() + timedelta(days=1)):
        upkeep(db.engine)
    assert (number("tutor_visitors"), number("insight_salts")) == (0, 0)
    assert number("tutor_daily_counts") == 1
