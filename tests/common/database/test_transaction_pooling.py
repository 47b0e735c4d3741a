"""Behind a PgBouncer that pools transactions: everything works, in whatever session it meets."""

import threading
import time
from collections import Counter
from contextvars import Context

import pytest
import requests
from psycopg2.extensions import parse_dsn
from sqlalchemy import create_engine, text

from common.database.connections.session_settings import request_settings
from common.database.session import (
    ENGINE_URL,
    autocommit_pool,
    commit_asynchronously,
    db,
    engine_options,
    execute_by_key,
    read_rows,
)
from common.database.short_transaction import short_transaction, write_rows
from tests.common.database.pooler import PGBOUNCER, PgBouncer
from tests.common.operations.errands import every_errand
from tests.database import on_server
from tests.faults.deployment import answers_again
from tests.live_server import LiveServer

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="no pgbouncer")

PID = "select pg_backend_pid()"
# More connections of the service than PostgreSQL has for them.
FEW = "default_pool_size = 3"
# In this session: others, such as the writer of events, are in the midst of their own work.
LEFT_BEHIND = """
    select (select count(*) from pg_prepared_statements),
        (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()),
        (select count(*) from pg_listening_channels()),
        (select count(*) from pg_class where relnamespace = pg_my_temp_schema()),
        (select count(*) from pg_settings where source = 'session'
         and name not in ('application_name', 'client_encoding', 'DateStyle', 'TimeZone',
                          'IntervalStyle', 'standard_conforming_strings', 'enable_seqscan'))"""


def run(app, *arguments):
    return Context().run(app.test_cli_runner().invoke, args=[*arguments])


@pytest.fixture
def store_settings(make_app, fresh_database_url):
    """Store with the role, for the test's database, what `flask role-settings` prints."""

    def store(**overrides):
        role = parse_dsn(fresh_database_url)["user"]
        printed = run(make_app(DATABASE_URL=fresh_database_url, **overrides), "role-settings", role)
        assert printed.exit_code == 0, printed.output
        with on_server(fresh_database_url) as cursor:
            # Twice: after a change of settings it is run again.
            cursor.execute(printed.stdout + printed.stdout)

    return store


@pytest.fixture
def pooler(fresh_database_url, tmp_path):
    pooler = PgBouncer(fresh_database_url, "transaction", tmp_path, FEW)
    yield pooler
    pooler.stop()


@pytest.fixture
def pooled(make_app, pooler, store_settings):
    """An app behind the pooler, for whose role everything is stored."""
    store_settings(STATEMENT_TIMEOUT_MS=4321)
    return make_app(
        DATABASE_URL=pooler.url, DATABASE_POOLING="transaction", STATEMENT_TIMEOUT_MS=4321
    )


def test_everything_that_people_do_works_and_leaves_nothing_in_a_session(pooled):
    every_errand(pooled)
    with pooled.app_context():
        for _ in range(3):
            held = [db.engine.connect() for _ in range(3)]
            assert [each.execute(text(LEFT_BEHIND)).one() for each in held] == [(0, 0, 0, 0, 0)] * 3
            for connection in held:
                connection.close()


def test_the_service_is_ready_with_more_connections_than_the_server_has(pooled):
    with pooled.app_context():
        held = [autocommit_pool().acquire() for _ in range(6)]
        for connection in held:
            autocommit_pool().release(connection)
    client = pooled.test_client()
    assert client.get("/readyz").status_code == 200
    assert client.get("/api/marketplace/tutors/").status_code == 200


def test_every_way_to_the_database_has_the_settings_in_whatever_session(pooled):
    expected = request_settings(pooled.config)
    sql = "select name, setting from pg_settings where name = any(%(names)s)"
    values = {"names": list(expected)}
    with pooled.app_context():
        for _ in range(5):
            assert dict(read_rows(sql, values)) == expected
            assert dict(write_rows(sql, values)) == expected
            with short_transaction() as transaction:
                assert dict(transaction.rows(sql, values)) == expected
            rows = db.session.connection().exec_driver_sql(sql, values)
            assert dict(list(rows)) == expected
            assert read_rows("select current_setting('enable_seqscan')") == [("off",)]
            assert db.session.scalar(text("show enable_seqscan")) == "on"
            db.session.remove()


def test_statements_by_key_are_prepared_in_none_of_the_sessions(pooled):
    given, sql = {"value": "x"}, "select %(value)s::text"
    prepared = text("select count(*) from pg_prepared_statements")
    with pooled.app_context():
        for _ in range(5):
            assert write_rows(sql, given) == [("x",)]
            with short_transaction() as transaction:
                assert transaction.rows((sql, sql), given) == [("x",)]
                transaction.finish((sql,), given)
            assert execute_by_key(db.session.connection(), given, sql, sql) == [("x",)]
            assert db.session.scalar(prepared) == 0
            db.session.remove()


def test_commits_that_need_not_wait_are_so_for_their_transactions_alone(pooled):
    engine = create_engine(ENGINE_URL, **engine_options(pooled.config))
    commit_asynchronously(engine)
    usual = "select current_setting('synchronous_commit')"
    with pooled.app_context():
        ((before,),) = read_rows(usual)
        for _ in range(3):
            with engine.begin() as connection:
                assert connection.scalar(text("show synchronous_commit")) == "off"
            assert read_rows(usual) == [(before,)]
    engine.dispose()


def test_many_threads_share_few_sessions_without_an_error(pooled):
    outcomes = Counter()

    def work(number):
        with pooled.app_context():
            for turn in range(20):
                value = f"{number}-{turn}"
                given = {"value": value}
                outcomes[read_rows("select %(value)s::text", given) == [(value,)]] += 1
                outcomes[
                    db.session.scalar(text("select cast(:v as text)"), {"v": value}) == value
                ] += 1
                db.session.commit()

    threads = [threading.Thread(target=work, args=[number]) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {True: 12 * 20 * 2}


def test_without_stored_settings_nothing_is_served_and_the_log_names_the_command(
    make_app, pooler, capsys
):
    app = make_app(DATABASE_URL=pooler.url, DATABASE_POOLING="transaction")
    client = app.test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/api/marketplace/tutors/").status_code == 503
    lines = [each for each in capsys.readouterr().out.splitlines() if "no connection" in each]
    assert lines and all("flask role-settings" in line for line in lines)
    assert "statement_timeout" in lines[0]


def test_settings_stored_for_other_timeouts_are_refused(make_app, pooler, store_settings, capsys):
    store_settings(LOCK_TIMEOUT_MS=1000)
    app = make_app(DATABASE_URL=pooler.url, DATABASE_POOLING="transaction", LOCK_TIMEOUT_MS=2000)
    assert app.test_client().get("/readyz").status_code == 503
    assert "lacks settings of the service: lock_timeout is 1000;" in capsys.readouterr().out


def test_a_pooler_of_statements_is_of_no_use(
    make_app, fresh_database_url, tmp_path, store_settings
):
    store_settings()
    pooler = PgBouncer(fresh_database_url, "statement", tmp_path)
    app = make_app(DATABASE_URL=pooler.url, DATABASE_POOLING="transaction")
    assert app.test_client().get("/readyz").status_code == 503
    pooler.stop()


@pytest.mark.parametrize(
    "arguments", [["db", "upgrade"], ["maintain"], ["seed-demo", "--tutors", "3"]]
)
def test_commands_that_need_a_session_say_so(pooled, arguments):
    result = run(pooled, *arguments)
    assert result.exit_code == 1
    assert "needs a session of PostgreSQL" in result.output
    assert "DATABASE_POOLING=session" in result.output


@pytest.mark.parametrize("role", ["", " ", "a\0b"])
def test_what_is_no_role_gets_no_settings(make_app, role):
    assert run(make_app(), "role-settings", role).exit_code == 2


def test_the_name_of_a_role_is_quoted(make_app):
    printed = run(make_app(), "role-settings", 'the "service"; drop').stdout
    assert 'alter role "the ""service""; drop" in database' in printed


def test_a_pooler_restarted_under_load_costs_503s_only_and_is_found_again(
    settings, pooler, store_settings, tmp_path
):
    store_settings()
    server = LiveServer(
        settings | {"DATABASE_URL": pooler.url, "DATABASE_POOLING": "transaction"},
        1,
        4,
        tmp_path / "gunicorn.log",
    )
    statuses, over = Counter(), threading.Event()

    def call(path):
        while not over.is_set():
            statuses[requests.get(server.url + path, timeout=20).status_code] += 1
            # Else a server that refuses at once gets thousands of calls.
            time.sleep(0.01)

    paths = ["/api/marketplace/tutors/?search=math", "/api/marketplace/tutors/1/", "/readyz"] * 2
    callers = [threading.Thread(target=call, args=[path]) for path in paths]
    for caller in callers:
        caller.start()
    try:
        time.sleep(1)
        pooler.stop()
        while not statuses[503]:
            time.sleep(0.05)
        pooler.start()
        answers_again(server)
        before = statuses.copy()
        while (statuses - before).total() < 50:
            time.sleep(0.05)
        since = statuses - before
    finally:
        over.set()
        for caller in callers:
            caller.join()
        server.stop()
    assert set(statuses) <= {200, 404, 503}
    assert set(since) <= {200, 404}
