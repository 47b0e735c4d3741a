"""No migration waits for a lock without end: every query of the table would wait behind it."""

import re

import flask_migrate
import pytest
from sqlalchemy import event

from common.database.session import db
from tests.database import create_database, drop_database
from tests.drills.release import LAST_RELEASE

# These wait for a lock that nobody but another migration queues behind.
HARMLESS = r"(?!.*\b(index concurrently|validate constraint)\b)"
LOCKING = re.compile(rf"{HARMLESS}\s*(alter|create|drop|truncate|lock)\b", re.I | re.S)


@pytest.fixture
def released_app(make_app, servers):
    """An application whose database has the schema of the last release."""
    name = "marketplace_of_the_last_release"
    drop_database(servers.database_url, name)
    app = make_app(DATABASE_URL=create_database(servers.database_url, name))
    with app.app_context():
        flask_migrate.upgrade(revision=LAST_RELEASE.schema)
    yield app
    with app.app_context():
        db.engine.dispose()
    drop_database(servers.database_url, name)


def test_every_statement_of_an_upgrade_from_the_last_release_has_a_lock_timeout(released_app):
    endless, seen = [], []

    def look(connection, cursor, statement, *_):
        if LOCKING.match(statement):
            seen.append(statement)
            with cursor.connection.cursor() as other:
                other.execute("select current_setting('lock_timeout')")
                if other.fetchall() == [("0",)]:
                    endless.append(statement)

    with released_app.app_context():
        event.listen(db.engine, "before_cursor_execute", look)
        # In one run, as an operator's: what one migration sets, the next one finds.
        flask_migrate.upgrade()
    assert endless == []
    assert len(seen) > 20
