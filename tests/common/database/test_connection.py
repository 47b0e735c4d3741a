import threading
import time
from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.database.connection import BoundedConnection, Line, has_been_left
from common.database.session import db, read_rows
from tests.database import on_server


def kill_backends(database_url):
    """End every connection of the database, as a restart does; return when they are gone."""
    with on_server(database_url) as cursor:
        while True:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            if not cursor.fetchall():
                return
            time.sleep(0.01)


@pytest.fixture
def lone_app(make_app, fresh_database_url):
    """An app with a database that nobody else is connected to."""
    app = make_app(DATABASE_URL=fresh_database_url)
    with app.app_context():
        yield app
        db.session.remove()


def test_a_connection_that_was_ended_while_idle_is_replaced_unnoticed(lone_app, fresh_database_url):
    for _ in range(3):
        assert db.session.scalar(text("select 1")) == 1
        db.session.commit()
        assert read_rows("select 1") == [(1,)]
        kill_backends(fresh_database_url)
    assert db.session.scalar(text("select 1")) == 1


def test_a_connection_ended_within_a_transaction_is_told_of(lone_app, fresh_database_url):
    db.session.scalar(text("select 1"))
    kill_backends(fresh_database_url)
    with pytest.raises(DBAPIError):
        db.session.scalar(text("select 1"))
    db.session.rollback()
    assert db.session.scalar(text("select 1")) == 1


def test_an_idle_connection_is_left_only_once_its_server_has_gone(fresh_database_url):
    with closing(Line(5).connect(fresh_database_url)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        connection.commit()
        assert not has_been_left(connection)
        kill_backends(fresh_database_url)
        # The word of it may take a moment to arrive.
        while not has_been_left(connection):
            time.sleep(0.01)
    assert has_been_left(connection)


def test_a_silent_statement_is_hung_up_on(fresh_database_url):
    with closing(Line(0).connect(fresh_database_url)) as connection:
        connection.patience = 0.2
        over = threading.Event()

        def watch():
            while not over.wait(0.05):
                connection.hang_up_if_silent()

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            with connection.cursor() as cursor, pytest.raises(psycopg2.OperationalError):
                cursor.execute("select pg_sleep(60)")
        finally:
            over.set()
            watcher.join()
        assert connection.was_silent and connection.closed


def test_a_connection_that_waits_for_nothing_is_left_alone(fresh_database_url):
    with closing(Line(0).connect(fresh_database_url)) as connection:
        connection.patience = 0
        connection.hang_up_if_silent()
        assert not connection.was_silent
        connection.patience = float("inf")
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(0.1)")
        assert connection.waiting_since is None


def test_nobody_waits_again_for_what_did_not_answer_a_moment_ago(monkeypatch):
    tried = []

    def fail(self, dsn):
        tried.append(dsn)
        time.sleep(0.05)
        raise psycopg2.OperationalError("timeout expired")

    monkeypatch.setattr(BoundedConnection, "__init__", fail)
    monkeypatch.setattr("common.connections.SILENCE_SECONDS", 0.01)
    line = Line(5)
    for _ in range(10):
        with pytest.raises(psycopg2.OperationalError):
            line.connect("")
    assert len(tried) == 1


def test_a_refusal_is_no_silence():
    line = Line(5)
    for _ in range(3):
        with pytest.raises(psycopg2.OperationalError, match="refused"):
            line.connect("postgresql://127.0.0.1:1/nowhere")


def test_a_connection_lost_within_a_savepoint_is_answered_for_with_a_503(
    lone_app, fresh_database_url
):
    @lone_app.post("/probe-savepoint")
    def lose():
        with db.session.begin_nested():
            db.session.scalar(text("select 1"))
            kill_backends(fresh_database_url)
            db.session.scalar(text("select 1"))

    answer = lone_app.test_client().post("/probe-savepoint")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize("nested", [False, True])
def test_a_connection_lost_once_all_is_said_does_not_take_the_answer_with_it(
    lone_app, fresh_database_url, nested
):
    @lone_app.post("/probe-last-moment")
    def lose():
        db.session.scalar(text("select 1"))
        if nested:
            db.session.begin_nested()
            db.session.scalar(text("select 1"))
        kill_backends(fresh_database_url)
        return "said"

    client = lone_app.test_client()
    for _ in range(20):
        assert client.post("/probe-last-moment").text == "said"
