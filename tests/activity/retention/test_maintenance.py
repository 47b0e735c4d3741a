"""What the service expires by itself: old months, receipts and counts, addresses after a while."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import create_engine, text

from activity import ensure_partitions, event_queue, observe
from activity.catalogue import Action
from activity.partitions import existing_partitions, partition_name
from activity.retention import maintenance
from activity.retention.maintenance import MAINTENANCE_LOCK, Retention, maintain
from common.database.session import ENGINE_URL, db, engine_options
from tests.activity.events import count, event, put
from tests.factories import make_user

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RETENTION = Retention(event_days=400, address_days=90)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def app_with_retention(make_app, fresh_database_url):
    """An app that retains as it does by default, on a database of its own."""
    app = make_app(
        DATABASE_URL=fresh_database_url, ACTIVITY_RETENTION_DAYS=400, ACTIVITY_ADDRESS_DAYS=90
    )
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def user(app_with_retention):
    return make_user()


def days_ago(days):
    return NOW - timedelta(days=days)


def with_address(user_id, timestamp):
    return event(user_id, timestamp, ip_address="203.0.113.7", user_agent="A browser")


def run(retention=RETENTION):
    while maintain(db.engine, retention):
        pass


def partitions():
    found = existing_partitions(db.session.connection())
    db.session.rollback()
    return found


def lessons(where="true"):
    return count(f"action = 'lesson.opened' and {where}")


def test_months_wholly_older_are_dropped_and_no_others(user):
    ensure_partitions(db.session.connection(), days_ago(500), NOW)
    put(*[event(user.id, days_ago(days)) for days in (500, 440, 399, 10)])
    run()
    assert lessons() == 2
    assert partition_name(days_ago(500)) not in partitions()
    # The month of the four hundredth day has younger events.
    assert partition_name(days_ago(400)) in partitions()


def test_old_events_without_a_month_of_their_own_go_too(user):
    put(*[event(user.id, days_ago(days)) for days in (900, 600, 401, 300)])
    run()
    assert lessons() == 1


def test_addresses_and_browsers_are_erased_after_a_while_and_the_event_stays(user, monkeypatch):
    monkeypatch.setattr(maintenance, "BATCH", 3)
    ensure_partitions(db.session.connection(), days_ago(200), NOW)
    put(*[with_address(user.id, days_ago(days)) for days in range(80, 200, 4)])
    run()
    assert lessons("ip_address is null and user_agent is null") == len(range(92, 200, 4))
    assert lessons("ip_address = '203.0.113.7' and user_agent = 'A browser'") == 3


def test_erasing_goes_on_where_it_stopped_day_after_day(user):
    put(*[with_address(user.id, days_ago(days)) for days in (95, 85, 75)])
    run()
    assert lessons("ip_address is not null") == 2
    with time_machine.travel(NOW + timedelta(days=10), tick=False):
        run()
    assert lessons("ip_address is not null") == 1


def test_a_shorter_time_takes_what_the_longer_one_left(user):
    put(*[with_address(user.id, days_ago(days)) for days in (60, 20)])
    run()
    assert lessons("ip_address is not null") == 2
    run(Retention(400, 30))
    assert lessons("ip_address is not null") == 1


def test_nought_keeps_everything(user):
    ensure_partitions(db.session.connection(), days_ago(900), days_ago(900))
    put(*[with_address(user.id, days_ago(days)) for days in (900, 100)])
    run(Retention(0, 0))
    assert lessons("ip_address is not null") == 2


def test_old_counts_and_receipts_are_deleted(user):
    connection = db.session.connection()
    for age in (500, 399):
        connection.execute(
            text("insert into activity_daily_counts values ('profile.viewed', '7', :day, 1)"),
            {"day": date(2026, 11, 26) - timedelta(days=age)},
        )
    for age in (31, 29):
        connection.execute(
            text(
                "insert into activity_receipts (caller, key, event_id, event_timestamp, received_at)"
                " values ('user:1', :key, gen_random_uuid(), :at, :at)"
            ),
            {"key": f"message:{age}", "at": days_ago(age)},
        )
    db.session.commit()
    run()
    connection = db.session.connection()
    assert connection.scalars(text("select number from activity_daily_counts")).all() == [1]
    assert connection.scalars(text("select key from activity_receipts")).all() == ["message:29"]
    db.session.rollback()


def test_one_process_at_a_time_is_at_it(app_with_retention, user):
    put(event(user.id, days_ago(900)))
    other = create_engine(ENGINE_URL, **engine_options(app_with_retention.config))
    with other.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:k)"), {"k": MAINTENANCE_LOCK})
        assert maintain(db.engine, RETENTION) is False
        assert lessons() == 1
    other.dispose()
    run()
    assert lessons() == 0


def test_processes_at_it_together_erase_everything(user, monkeypatch):
    monkeypatch.setattr(maintenance, "BATCH", 5)
    put(*[with_address(user.id, days_ago(100 + n)) for n in range(60)])
    engine = db.engine
    threads = [
        threading.Thread(target=lambda: [maintain(engine, RETENTION) for _ in range(30)])
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run()
    assert lessons("ip_address is not null") == 0


def test_the_queues_writer_does_it_by_itself(app_with_retention, user):
    put(event(user.id, days_ago(900)), with_address(user.id, days_ago(100)))
    observe(Action.PROFILE_VIEWED, user.id, metadata={"tutor_id": 7})
    assert event_queue().drain()
    event_queue().close()
    assert lessons() == 1
    assert lessons("ip_address is null") == 1
