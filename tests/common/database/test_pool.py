"""The pool of autocommit connections: lent once at a time, replaced when dead, never leaked."""

import os
import threading

import psycopg2
import pytest
from flask import Flask

from common.database.connection import Line
from common.database.pool import ReadPool
from common.database.session import read_rows
from tests.common.database.test_connection import kill_backends

OPEN_TRANSACTIONS = "select count(*) from pg_stat_activity where state like 'idle in trans%'"


def ask(connection, sql="select 1"):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture
def pool(fresh_database_url):
    pool = ReadPool(lambda: psycopg2.connect(fresh_database_url, connection_factory=LINE), 2, 3)
    yield pool
    pool.close_idle()


LINE = Line(5).connect


def test_what_was_given_back_last_is_lent_first(pool):
    first, second = pool.take(), pool.take()
    assert first is not second
    pool.give_back(first)
    pool.give_back(second)
    assert pool.take() is second
    assert pool.take() is first


def test_no_more_are_lent_than_allowed_and_none_is_lost(pool, monkeypatch):
    monkeypatch.setattr("common.read_pool.PATIENCE_SECONDS", 0.05)
    for _ in range(3):
        lent = [pool.take() for _ in range(3)]
        with pytest.raises(psycopg2.OperationalError, match="in use"):
            pool.take()
        for connection in lent:
            pool.give_back(connection)


def test_who_waits_is_served_when_another_is_done(pool):
    lent = [pool.take() for _ in range(3)]
    served = threading.Event()

    def wait():
        pool.give_back(pool.take())
        served.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not served.is_set()
    pool.give_back(lent.pop())
    waiting.join()
    assert served.is_set()


def test_no_more_are_kept_than_wanted(pool):
    lent = [pool.take() for _ in range(3)]
    for connection in lent:
        pool.give_back(connection)
    assert [connection.closed for connection in lent] == [0, 0, 1]


def test_a_transaction_left_open_ends_with_the_loan(pool):
    connection = pool.take()
    ask(connection, "begin; select 1")
    pool.give_back(connection)
    assert connection.closed
    following = pool.take()
    assert ask(following, OPEN_TRANSACTIONS) == [(0,)]
    pool.give_back(following)


def test_a_connection_too_old_or_dead_is_replaced(pool, fresh_database_url, monkeypatch):
    old = pool.take()
    pool.give_back(old)
    with monkeypatch.context() as aged:
        aged.setattr("common.read_pool.OLDEST_SECONDS", 0.0)
        young = pool.take()
    assert old.closed and young is not old
    pool.give_back(young)
    kill_backends(fresh_database_url)
    fresh = pool.take()
    assert ask(fresh) == [(1,)]
    pool.give_back(fresh)


def test_a_server_that_cannot_be_reached_costs_no_place(pool):
    def refuse():
        raise psycopg2.OperationalError("refused")

    broken = ReadPool(refuse, 1, 1)
    for _ in range(3):
        with pytest.raises(psycopg2.OperationalError, match="refused"):
            broken.take()


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
    with os.fdopen(reading, "rb") as told:
        assert told.read() == b"other"
    os.waitpid(child, 0)
    assert read_rows("select pg_backend_pid()") == [ours]
