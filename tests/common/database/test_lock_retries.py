"""A migration waits briefly for its locks, tries again, and says who may hold them."""

from contextlib import closing

import click
import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.database import lock_retries
from common.database.lock_retries import migrate_with_retries
from common.database.session import db


@pytest.fixture
def migration(make_app, fresh_database_url, monkeypatch):
    """A connection, and a migration that needs a table for itself; the list holds its attempts."""
    monkeypatch.setattr(lock_retries, "LOCK_TIMEOUT_MS", 100)
    app = make_app(DATABASE_URL=fresh_database_url)
    attempts = []
    with app.app_context(), db.engine.connect() as connection:

        def migrate():
            attempts.append(1)
            connection.execute(text("alter table users add column probe int"))
            connection.commit()

        yield connection, migrate, attempts


@pytest.fixture
def other(fresh_database_url):
    """A session in a transaction that has read the table."""
    with closing(psycopg2.connect(fresh_database_url, application_name="report")) as connection:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from users")
        yield connection


def test_a_lock_that_becomes_free_is_taken(migration, other, capsys):
    connection, migrate, attempts = migration

    def migrate_and_free():
        try:
            migrate()
        finally:
            other.rollback()

    migrate_with_retries(connection, migrate_and_free, attempts=3, pause=0)
    assert len(attempts) == 2
    assert "trying again (1 of 3)" in capsys.readouterr().err
    assert connection.scalar(text("select count(probe) from users")) == 0


def test_a_lock_that_stays_taken_is_reported_with_what_to_do(migration, other):
    connection, migrate, attempts = migration
    # A second passes before a transaction counts as long.
    with pytest.raises(click.ClickException) as caught:
        migrate_with_retries(connection, migrate, attempts=12, pause=0)
    assert len(attempts) == 12
    assert f"process {other.get_backend_pid()} (report)" in caught.value.message
    assert "flask db upgrade" in caught.value.message
    assert "select count" not in caught.value.message


def test_another_failure_is_not_tried_again(migration):
    connection, _, _ = migration
    attempts = []

    def fail():
        attempts.append(1)
        connection.execute(text("select 1 / 0"))

    with pytest.raises(DBAPIError):
        migrate_with_retries(connection, fail)
    assert len(attempts) == 1
