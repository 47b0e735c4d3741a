import threading
import time
from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from common.database.connections.connection import _watchdog, is_closed_by_server
from common.database.connections.factory import ConnectionFactory
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


def test_a_connection_ended_within_a_transaction_is_an_error(lone_app, fresh_database_url):
    db.session.scalar(text("select 1"))
    kill_backends(fresh_database_url)
    with pytest.raises(DBAPIError):
        db.session.scalar(text("select 1"))
    db.session.rollback()
    assert db.session.scalar(text("select 1")) == 1


def test_an_idle_connection_is_left_only_once_its_server_has_gone(fresh_database_url):
    with closing(ConnectionFactory(fresh_database_url, {}).connect()) as connection:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        connection.commit()
        assert not is_closed_by_server(connection)
        kill_backends(fresh_database_url)
        # The server's last message may still be on its way.
        while not is_closed_by_server(connection):
            time.sleep(0.01)
    assert is_closed_by_server(connection)


def test_a_statement_without_a_response_is_aborted(fresh_database_url):
    with closing(ConnectionFactory(fresh_database_url, {}).connect()) as connection:
        connection.response_timeout = 0.2
        over = threading.Event()

        def abort_when_overdue():
            while not over.wait(0.05):
                connection.abort_if_overdue()

        watchdog = threading.Thread(target=abort_when_overdue)
        watchdog.start()
        try:
            with connection.cursor() as cursor, pytest.raises(psycopg2.OperationalError):
                cursor.execute("select pg_sleep(60)")
        finally:
            over.set()
            watchdog.join()
        assert connection.timed_out and connection.closed


def test_a_process_that_answers_fast_paths_alone_has_a_watchdog_too(make_app):
    app = make_app()

    def answer(environ, start_response):
        start_response("200 OK", [])
        return [b"fast"]

    app.fast_paths.insert(0, answer)
    _watchdog.reset()
    assert app.test_client().get("/").data == b"fast"
    assert _watchdog._thread is not None and _watchdog._thread.is_alive()


def test_an_idle_connection_is_not_aborted(fresh_database_url):
    with closing(ConnectionFactory(fresh_database_url, {}).connect()) as connection:
        connection.response_timeout = 0
        connection.abort_if_overdue()
        assert not connection.timed_out
        connection.response_timeout = float("inf")
        with connection.cursor() as cursor:
            cursor.execute("select pg_sleep(0.1)")
        assert connection.waiting_since is None


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
def test_a_connection_lost_after_the_last_statement_does_not_spoil_the_response(
    lone_app, fresh_database_url, nested
):
    @lone_app.post("/probe-teardown")
    def lose():
        db.session.scalar(text("select 1"))
        if nested:
            db.session.begin_nested()
            db.session.scalar(text("select 1"))
        kill_backends(fresh_database_url)
        return "said"

    client = lone_app.test_client()
    for _ in range(20):
        assert client.post("/probe-teardown").text == "said"
