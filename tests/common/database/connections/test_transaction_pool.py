"""SQLAlchemy's transactions and single statements share one pool, and can't block each other."""

import gc
import os
import threading

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from common.database.connections.connection import watched_connections
from common.database.session import autocommit_pool, db, read_rows
from common.database.short_transaction import write_rows
from tests.common.database.connections.test_connection import kill_backends

PID = "select pg_backend_pid()"


@pytest.fixture
def lone_app(make_app, fresh_database_url):
    """An app of six connections, four of them for requests, three of these for transactions."""
    app = make_app(DATABASE_URL=fresh_database_url, DATABASE_POOL_SIZE=6)
    with app.app_context():
        yield app
        db.session.remove()


def in_threads(app, count, call):
    """What `call` returns in as many threads at once, each in a context of the app."""
    results = []

    def run():
        with app.app_context():
            results.append(call())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def test_a_transaction_and_a_read_after_it_use_the_same_connection(lone_app):
    first = db.session.scalar(text(PID))
    db.session.commit()
    db.session.remove()
    assert read_rows(PID) == [(first,)]
    assert db.session.scalar(text(PID)) == first


def test_a_read_within_a_transaction_has_a_connection_of_its_own(lone_app):
    inside = db.session.scalar(text(PID))
    assert read_rows(PID) != [(inside,)]
    assert autocommit_pool().in_use == 1


def test_twenty_transactions_at_once_each_get_the_read_that_they_need(lone_app):
    def transaction_with_reads():
        for _ in range(5):
            db.session.execute(text("select pg_sleep(0.001)"))
            read_rows("select 1")
            write_rows("select 2", {})
        db.session.commit()
        return True

    assert in_threads(lone_app, 20, transaction_with_reads) == [True] * 20
    pool = autocommit_pool()
    assert (pool.in_use, pool.waiting) == (0, 0)


def test_transactions_never_take_the_last_place(lone_app, monkeypatch):
    monkeypatch.setattr("common.database.connections.pool.ACQUIRE_TIMEOUT_SECONDS", 0.05)
    held = [db.engine.connect() for _ in range(3)]
    with pytest.raises(OperationalError, match="in use"):
        db.engine.connect()
    assert read_rows("select 1") == [(1,)]
    for connection in held:
        connection.close()
    db.engine.connect().close()


def test_a_process_opens_no_more_connections_than_its_setting_says(lone_app):
    before = {id(each) for each in watched_connections()}
    held = [db.engine.connect() for _ in range(3)]
    in_threads(lone_app, 10, lambda: read_rows("select pg_sleep(0.01)"))
    fresh = [each for each in watched_connections() if id(each) not in before]
    assert sum(not each.closed for each in fresh) <= 4
    for connection in held:
        connection.close()


def test_what_a_transaction_does_for_a_new_connection_is_done_once(lone_app):
    connects = []
    event.listen(db.engine, "connect", lambda *each: connects.append(each))
    for _ in range(3):
        db.session.scalar(text("select 1"))
        db.session.remove()
        read_rows("select 1")
    assert len(connects) == 1


@pytest.mark.parametrize("level", ["REPEATABLE READ", "AUTOCOMMIT"])
def test_no_mode_of_a_transaction_stays_with_its_connection(lone_app, level):
    with db.engine.connect().execution_options(isolation_level=level) as connection:
        pid = connection.scalar(text(PID))
    sql = "select pg_backend_pid(), current_setting('transaction_isolation')"
    assert read_rows(sql) == [(pid, "read committed")]
    assert db.session.execute(text(sql)).all() == [(pid, "read committed")]
    assert read_rows("select current_setting('default_transaction_isolation')") == [
        ("read committed",)
    ]


def test_reads_avoid_scans_and_transactions_may_scan(lone_app):
    sql = "select current_setting('enable_seqscan')"
    for _ in range(3):
        assert read_rows(sql) == [("off",)]
        assert db.session.scalar(text(sql)) == "on"
        db.session.remove()
        assert write_rows(sql, {}) == [("off",)]


def test_a_value_is_of_the_same_type_whoever_used_the_connection_before(lone_app):
    sql = "select '0b7a9f2e-2f6b-4f0e-9a3c-6a1b7d9c1e55'::uuid, '{\"a\": 1}'::jsonb"
    before = read_rows(sql)
    assert db.session.execute(text(sql)).all() == before
    db.session.remove()
    assert read_rows(sql) == before


def test_a_transaction_whose_connection_is_lost_gives_its_place_back(lone_app, fresh_database_url):
    for _ in range(5):
        db.session.scalar(text("select 1"))
        kill_backends(fresh_database_url)
        with pytest.raises(OperationalError):
            db.session.scalar(text("select 1"))
        db.session.remove()
    assert autocommit_pool().in_use == 0
    assert db.session.scalar(text("select 1")) == 1


def test_a_transaction_that_nobody_ends_gives_its_place_back(lone_app):
    for _ in range(5):
        forgotten = db.engine.connect()
        forgotten.execute(text("select 1"))
        del forgotten
        gc.collect()
    assert autocommit_pool().in_use == 0


def test_without_a_database_no_place_is_lost(make_app):
    app = make_app(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere", DATABASE_POOL_SIZE=6)
    with app.app_context():
        for _ in range(5):
            with pytest.raises(OperationalError, match="refused"):
                db.session.scalar(text("select 1"))
            db.session.remove()
        assert autocommit_pool().in_use == 0


def test_a_forked_childs_transactions_have_connections_of_their_own(lone_app):
    ours = db.session.scalar(text(PID))
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        # Whatever happens, the child must not go on as a second test run.
        try:
            with db.engine.connect() as connection:
                theirs = connection.scalar(text(PID))
            os.write(writing, b"other" if theirs != ours else b"same")
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"other"
    os.waitpid(child, 0)
    assert db.session.scalar(text(PID)) == ours
