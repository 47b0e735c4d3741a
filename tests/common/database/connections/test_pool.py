"""The pool of autocommit connections: each in use once at a time, replaced when dead, never leaked."""

import os
import threading

import psycopg2
import pytest
from flask import Flask

from common.database.connections.factory import ConnectionFactory
from common.database.connections.pool import AutocommitPool
from common.database.session import read_rows
from tests.common.database.connections.test_connection import kill_backends

OPEN_TRANSACTIONS = "select count(*) from pg_stat_activity where state like 'idle in trans%'"


def query(connection, sql="select 1"):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture
def pool(fresh_database_url):
    pool = AutocommitPool(ConnectionFactory(fresh_database_url, {}).connect, 2, 3)
    yield pool
    pool.close_idle()


def test_the_connection_released_last_is_acquired_first(pool):
    first, second = pool.acquire(), pool.acquire()
    assert first is not second
    pool.release(first)
    pool.release(second)
    assert pool.acquire() is second
    assert pool.acquire() is first


def test_no_more_are_in_use_than_allowed_and_none_is_lost(pool, monkeypatch):
    monkeypatch.setattr("common.database.connections.pool.ACQUIRE_TIMEOUT_SECONDS", 0.05)
    for _ in range(3):
        acquired = [pool.acquire() for _ in range(3)]
        with pytest.raises(psycopg2.OperationalError, match="in use"):
            pool.acquire()
        for connection in acquired:
            pool.release(connection)


def test_a_waiting_thread_gets_the_connection_another_releases(pool):
    acquired = [pool.acquire() for _ in range(3)]
    served = threading.Event()

    def wait():
        pool.release(pool.acquire())
        served.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not served.is_set()
    pool.release(acquired.pop())
    waiting.join()
    assert served.is_set()


def test_no_more_stay_open_than_configured(pool):
    acquired = [pool.acquire() for _ in range(3)]
    for connection in acquired:
        pool.release(connection)
    assert [connection.closed for connection in acquired] == [0, 0, 1]


def test_what_nobody_needs_is_closed_with_a_later_release(pool, monkeypatch):
    first, second = pool.acquire(), pool.acquire()
    pool.release(first)
    monkeypatch.setattr("common.database.connections.pool.MAX_IDLE_SECONDS", 0.0)
    pool.release(second)
    assert first.closed and not second.closed


def test_a_transaction_left_open_ends_with_the_release(pool):
    connection = pool.acquire()
    query(connection, "begin; select 1")
    pool.release(connection)
    assert connection.closed
    following = pool.acquire()
    assert query(following, OPEN_TRANSACTIONS) == [(0,)]
    pool.release(following)


def test_a_connection_too_old_or_dead_is_replaced(pool, fresh_database_url, monkeypatch):
    old = pool.acquire()
    pool.release(old)
    with monkeypatch.context() as aged:
        aged.setattr("common.database.connections.pool.MAX_AGE_SECONDS", 0.0)
        young = pool.acquire()
    assert old.closed and young is not old
    pool.release(young)
    kill_backends(fresh_database_url)
    fresh = pool.acquire()
    assert query(fresh) == [(1,)]
    pool.release(fresh)


def test_one_used_a_moment_ago_is_given_unasked_where_the_caller_repeats(pool, fresh_database_url):
    used = pool.acquire()
    pool.release(used)
    kill_backends(fresh_database_url)
    assert pool.acquire(trusted_seconds=60.0) is used
    with pytest.raises(psycopg2.Error):
        query(used)
    pool.release(used)
    assert query(pool.acquire(trusted_seconds=60.0)) == [(1,)]


def test_a_failed_connection_attempt_frees_its_place(pool):
    def refuse():
        raise psycopg2.OperationalError("refused")

    broken = AutocommitPool(refuse, 1, 1)
    for _ in range(3):
        with pytest.raises(psycopg2.OperationalError, match="refused"):
            broken.acquire()


def test_a_forked_child_opens_connections_of_its_own(app: Flask):
    (ours,) = read_rows("select pg_backend_pid()")
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        # Whatever happens, the child must not go on as a second test run.
        try:
            (theirs,) = read_rows("select pg_backend_pid()")
            os.write(writing, b"other" if theirs != ours else b"same")
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"other"
    os.waitpid(child, 0)
    assert read_rows("select pg_backend_pid()") == [ours]


def test_a_read_right_after_its_connection_was_lost_is_answered(make_app, fresh_database_url):
    with make_app(DATABASE_URL=fresh_database_url).app_context():
        assert read_rows("select 1") == [(1,)]
        kill_backends(fresh_database_url)
        assert read_rows("select 2") == [(2,)]
