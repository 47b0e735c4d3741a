"""Metrics of pools, caches, Redis, statements and the database, as Prometheus reads them."""

import re
import threading

import psycopg2
import pytest
import requests

from common.database.session import BACKGROUND_CONNECTIONS, autocommit_pool, db, read_rows
from common.operations.metrics.registry import Counter, Gauge
from common.operations.metrics.sampling import Sampler
from tests.factories import as_user, make_student, make_tutor
from tests.waiting import eventually

LIST = "/api/marketplace/tutors/"


def value(text, name, **labels):
    """The value of one series; None where there is no such series."""
    wanted = "".join(f'(?=.*{label}="{re.escape(each)}")' for label, each in labels.items())
    pattern = rf"^{name}(?:{wanted}\{{[^}}]*\}})? ([^ \n]+)$" if labels else rf"^{name} (\S+)$"
    match = re.search(pattern, text, re.MULTILINE)
    return float(match[1]) if match else None


@pytest.fixture
def scrape(client):
    return lambda: client.get("/metrics").text


def grown(scrape, act, name, **labels):
    """By how much a series grows while `act` is called."""
    before = value(scrape(), name, **labels) or 0.0
    act()
    return (value(scrape(), name, **labels) or 0.0) - before


def test_connections_that_are_held_are_in_use(app, scrape):
    held = autocommit_pool().acquire()
    with db.engine.connect():
        text = scrape()
        # Another test's application in this process may just have been sampled over this one.
        while (value(text, "database_connections_in_use", pool="primary") or 0) < 2:
            text = scrape()
    autocommit_pool().release(held)
    assert value(text, "database_connections_open") >= 2
    limit = app.config["DATABASE_POOL_SIZE"] - BACKGROUND_CONNECTIONS
    assert value(text, "database_connections_limit", pool="primary") == limit


def test_threads_without_a_connection_are_waiting(make_app):
    app = make_app(DATABASE_POOL_SIZE=6)
    with app.app_context():
        pool = autocommit_pool()
        transactions = [db.engine.connect() for _ in range(pool.max_transactions)]
        held = pool.acquire()
        assert pool.in_use == pool.max_size

        def wait_for_both():
            with app.app_context():
                pool.release(pool.acquire())
                db.engine.connect().close()

        waiter = threading.Thread(target=wait_for_both)
        waiter.start()
        while not pool.waiting:
            pass
        pool.release(held)
        while waiter.is_alive() and not pool.waiting:
            pass
        for transaction in transactions:
            transaction.close()
        waiter.join()
        assert (pool.waiting, pool.in_use) == (0, 0)


def test_a_connection_that_cannot_be_opened_is_not_in_use(make_app):
    app = make_app(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")
    with app.app_context():
        with pytest.raises(psycopg2.Error):
            autocommit_pool().acquire()
        assert (autocommit_pool().in_use, autocommit_pool().waiting) == (0, 0)


def test_statements_are_timed_by_route(client, scrape):
    me = as_user(client, make_student())
    route = {"route": "/api/users/me/"}
    statements = grown(
        scrape, lambda: me.get("/api/users/me/"), "database_statements_total", **route
    )
    assert statements >= 1
    seconds = grown(
        scrape, lambda: me.get("/api/users/me/"), "database_statement_seconds_total", **route
    )
    assert 0 < seconds < 5


def test_statements_between_requests_are_no_requests(client, scrape):
    route = {"route": "/healthz"}

    def work():
        read_rows("select 1")
        client.get("/healthz")

    assert grown(scrape, work, "database_statements_total", **route) == 0


def test_the_fast_path_is_timed_and_its_cache_counted(client, scrape):
    make_tutor(headline="A headline")
    labels = {"cache": "responses", "outcome": "hit"}
    client.get(LIST)
    assert grown(scrape, lambda: client.get(LIST), "cache_lookups_total", **labels) == 1
    assert grown(scrape, lambda: client.get(LIST), "database_statements_total", route=LIST) == 1


def test_a_changed_profile_is_a_miss(client, scrape):
    client.get(LIST)
    make_tutor(headline="Another headline")
    labels = {"cache": "responses", "outcome": "miss"}
    assert grown(scrape, lambda: client.get(LIST), "cache_lookups_total", **labels) == 1


def test_failures_of_redis_are_counted_and_so_is_what_they_spare(make_app):
    client = make_app(REDIS_URL="redis://127.0.0.1:1/0").test_client()

    def scrape():
        return client.get("/metrics").text

    def call():
        for _ in range(3):
            client.post(
                "/api/auth/login/", json={"email": "a@example.org", "password": "a long walk"}
            )

    before = scrape()
    call()
    after = scrape()
    failures, skipped = (
        value(after, f"redis_{name}_total") - value(before, f"redis_{name}_total")
        for name in ("failures", "skipped_calls")
    )
    assert failures >= 1 and skipped >= 1


def test_the_database_says_what_only_it_knows(scrape):
    text = scrape()
    assert value(text, "database_up") == 1
    assert value(text, "activity_default_partition_rows") == 0
    assert value(text, "database_oldest_snapshot_seconds") >= 0
    # There is no standby.
    assert value(text, "database_replica_lag_seconds") is None


def test_an_old_snapshot_shows(scrape, settings):
    with psycopg2.connect(settings["DATABASE_URL"]) as connection:
        connection.set_session(isolation_level="REPEATABLE READ")
        with connection.cursor() as cursor:
            cursor.execute("select txid_current_snapshot(), pg_sleep(1.1)")
            assert value(scrape(), "database_oldest_snapshot_seconds") > 1
    connection.close()


def test_the_build_is_named(scrape):
    (line,) = [each for each in scrape().splitlines() if each.startswith("build_info{")]
    assert re.search(r'version="\d+\.\d+\.\d+"', line) and re.search(r'python="3\.', line)
    assert re.search(r'schema="\w+"', line) and line.endswith(" 1.0")


def test_without_a_database_the_rest_is_told(probe):
    text = probe.get("/metrics").text
    assert value(text, "database_up") == 0
    assert value(text, "database_oldest_snapshot_seconds") is None
    assert "build_info{" in text and "http_request_seconds" in text


def test_nothing_is_said_twice(scrape):
    names = re.findall(r"^# TYPE (\S+) ", scrape(), re.MULTILINE)
    assert len(names) == len(set(names))


def test_a_counter_follows_a_number_that_only_grows():
    number, sampler = [0], Sampler()
    counter = Counter("test_sampled", "For a test")
    gauge = Gauge("test_sampled_now", "For a test")
    sampler.track_counter(counter, lambda: number[0])
    sampler.track_gauge(gauge, lambda: number[0])
    for number[0] in (3, 3, 7):
        sampler.sample()
    family, *_ = counter.collect()
    assert family.samples[0].value == 7
    assert next(iter(gauge.collect())).samples[0].value == 7


def test_every_workers_pools_are_added_up(live_server, settings):
    """Each call may reach another worker, and one may begin to answer later than the other."""

    def limit():
        text = requests.get(f"{live_server.url}/metrics", timeout=20).text
        return value(text, "database_connections_limit", pool="primary")

    eventually(lambda: limit() == 16)
