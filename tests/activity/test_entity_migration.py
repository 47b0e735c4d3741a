"""The upgrade that names the entities of older events, and counts visitors' ones instead."""

from datetime import date, timedelta

import flask_migrate
import pytest
from sqlalchemy import create_engine, text

from activity.partitions import ensure_partitions
from activity.recording.bulk_insert import insert_events
from common.database.session import ENGINE_URL, engine_options
from tests.activity.events import NOON, event
from tests.database import create_database, drop_database

USER = text("""
    insert into users (email, email_key, password_hash, role, first_name, last_name, timezone,
        registered_at)
    values ('a@b.co', 'a@b.co', '!', 'student', 'A', 'B', 'UTC', now()) returning id
""")
EXPECTED = {
    "auth.login": ("account", True),
    "profile.updated": ("profile", True),
    "profile.viewed": ("profile", "7"),
    "settings.updated": ("settings", True),
    "avatar.deleted": ("avatar", True),
    "marketplace.search": ("marketplace", None),
    "activity.trigger.rate_limited": ("activity", None),
}


@pytest.fixture
def older(servers, make_app):
    """An engine on a database of the schema before, and the app that will upgrade it."""
    url = create_database(servers.database_url, "marketplace_test_entities")
    app = make_app(DATABASE_URL=url)
    with app.app_context():
        flask_migrate.upgrade(revision="0009")
    engine = create_engine(ENGINE_URL, **engine_options(app.config))
    yield engine, app
    engine.dispose()
    drop_database(servers.database_url, "marketplace_test_entities")


def server_event(user_id, action, timestamp):
    metadata = {"tutor_id": 7} if action == "profile.viewed" else {}
    return event(user_id, timestamp, action=action, source="server", metadata=metadata)


def test_older_events_are_named_and_visitors_counted_in_every_partition(older):
    engine, app = older
    months = [NOON, NOON + timedelta(days=31), NOON + timedelta(days=400)]
    with engine.begin() as connection:
        user_id = connection.scalar(USER)
        ensure_partitions(connection, NOON, NOON + timedelta(days=40))
        for month in months:
            for owner in (user_id, None):
                insert_events(
                    connection,
                    [server_event(owner, action, month) for action in EXPECTED for _ in range(3)],
                )
            insert_events(connection, [event(user_id, month, action="profile.viewed")])
            insert_events(connection, [event(None, month, action="page.viewed")])
    with app.app_context():
        flask_migrate.upgrade()
    with engine.begin() as connection:
        rows = connection.execute(
            text("select action, entity_type, entity_id, source, user_id from activity_events")
        ).all()
        counts = connection.execute(
            text("select action, entity_id, day, number from activity_daily_counts")
        ).all()
    of_server = [row for row in rows if row.source == "server"]
    assert len(of_server) == 3 * 3 * len(EXPECTED)
    for row in of_server:
        entity_type, entity_id = EXPECTED[row.action]
        expected_id = str(user_id) if entity_id is True else entity_id
        assert (row.entity_type, row.entity_id, row.user_id) == (entity_type, expected_id, user_id)
    of_clients = [row for row in rows if row.source == "client"]
    assert len(of_clients) == 6 and {row.entity_type for row in of_clients} == {None}
    assert len(counts) == 3 * len(EXPECTED) and {row.number for row in counts} == {3}
    assert ("profile.viewed", "7", date(2026, 2, 15), 3) in counts


def test_more_events_than_one_batch_are_all_named(older):
    engine, app = older
    with engine.begin() as connection:
        user_id = connection.scalar(USER)
        spread = [NOON + timedelta(microseconds=n) for n in range(11_000)]
        insert_events(connection, [server_event(user_id, "auth.login", each) for each in spread])
    with app.app_context():
        flask_migrate.upgrade()
    with engine.begin() as connection:
        named = text("select count(*) from activity_events where entity_type = 'account'")
        assert connection.scalar(named) == 11_000
