"""A primary that keeps its callers waiting is no fault of a replica, which answers all the same."""

import threading
from contextlib import contextmanager

import psycopg2
import pytest

from common.database.replicas import replicas
from common.database.session import autocommit_pool
from tests.replicas.test_faults import LIST, ask, await_current, outcomes

TIMEOUT_MS = 300


@pytest.fixture
def app(cluster, make_replicated_app):
    """An app that reads at the standby that follows at once, and gives it little time."""
    url = cluster.standbys[0].url
    return make_replicated_app(
        cluster, url, READ_DATABASE_TIMEOUT_MS=TIMEOUT_MS, DATABASE_POOL_SIZE=4
    )


@contextmanager
def exhausted_pool(app, seconds):
    """All connections to the primary are in use, for so long from the beginning of the block on."""
    with app.app_context():
        pool = autocommit_pool()
        held = [pool.acquire() for _ in range(pool.max_size)]
        releasing = threading.Timer(seconds, lambda: [pool.release(each) for each in held])
        releasing.start()
        try:
            yield
        finally:
            releasing.join()


@pytest.mark.parametrize("is_connected", [True, False])
def test_time_spent_waiting_for_the_primary_is_not_the_replicas(app, is_connected):
    visitor = app.test_client()
    # Whose parts are loaded with the first one.
    await_current(app, "public", lambda: ask(visitor, f"{LIST}&search=first"))
    with app.app_context():
        (replica,) = replicas().each
        if not is_connected:
            replica.close_idle()
    with exhausted_pool(app, 3 * TIMEOUT_MS / 1000):
        # Of words, for which the revision is asked no sooner than with the rows.
        reads = outcomes(app, lambda: ask(visitor, f"{LIST}&search=word{is_connected}"))
    assert reads["public", "current"] > 0
    assert reads["public", "silent"] == reads["public", "failed"] == 0
    assert not replica.failures.is_failing


def test_only_what_the_primary_takes_is_not_counted(app):
    visitor = app.test_client()
    await_current(app, "public", lambda: ask(visitor))
    with app.app_context():
        (replica,) = replicas().each

    def read(connection):
        with connection.asking_primary():
            threading.Event().wait(3 * TIMEOUT_MS / 1000)
        return connection.rows("select %(one)s", {"one": 1})

    assert replica.run(read) == [(1,)]
    with pytest.raises(psycopg2.Error):
        replica.run(lambda connection: connection.rows("select pg_sleep(60)", {}))


def test_a_primary_that_does_not_identify_itself_is_no_failure_of_the_replica(app, monkeypatch):
    monkeypatch.setattr("common.database.connections.pool.ACQUIRE_TIMEOUT_SECONDS", 0.05)
    visitor = app.test_client()
    await_current(app, "public", lambda: ask(visitor, f"{LIST}&search=first"))
    with app.app_context():
        (replica,) = replicas().each
        replica.close_idle()
    with exhausted_pool(app, 0.5):
        answer = visitor.get(f"{LIST}&search=third")
        assert answer.status_code == 503
    assert not replica.failures.is_failing
    ask(visitor)
