"""A connection has the settings that the service relies on, or it is refused with the reason."""

import time

import psycopg2
import pytest
from sqlalchemy import text

from common.database.connections.connection import BoundedConnection
from common.database.connections.factory import ConnectionFactory, failure_reason
from common.database.connections.session_settings import (
    RELIED_ON,
    UnusableDatabaseError,
    request_settings,
)
from common.database.session import db, read_rows
from tests.database import database_of, drop_database, on_server

NOWHERE = "postgresql://somebody:hush@127.0.0.1:1/nowhere"
# What an operator may have set for a database, each against what the service relies on.
OTHERS = {
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "DateStyle": "German, DMY",
    "IntervalStyle": "iso_8601",
    "TimeZone": "Asia/Kolkata",
    "bytea_output": "escape",
    "extra_float_digits": "-5",
    "jit": "on",
    "standard_conforming_strings": "off",
    "client_encoding": "LATIN1",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "on",
}


@pytest.fixture
def odd_database_url(fresh_database_url):
    """A database whose operator has other defaults than ours, in everything we rely on."""
    with on_server(fresh_database_url) as cursor:
        name = database_of(fresh_database_url)
        for setting, value in OTHERS.items():
            cursor.execute(f"alter database {name} set {setting} = %s", [value])
    return fresh_database_url


def test_the_defaults_of_the_operator_reach_no_session_of_the_service(make_app, odd_database_url):
    app = make_app(DATABASE_URL=odd_database_url)
    expected = request_settings(app.config) | {"client_encoding": "UTF8"}
    names = "select name, setting from pg_settings where name = any(%(names)s)"
    with app.app_context():
        assert dict(read_rows(names, {"names": list(expected)})) == expected
        # The latter for each read alone: transactions may have to scan.
        reads = {"plan_cache_mode": "force_custom_plan", "enable_seqscan": "off"}
        assert dict(read_rows(names, {"names": list(reads)})) == reads
        rows = db.session.execute(
            text("select name, setting from pg_settings where name = any(:names)"),
            {"names": list(expected)},
        )
        assert dict(list(rows)) == expected
        assert db.session.scalar(text("show transaction_isolation")) == "read committed"
        db.session.remove()


def test_all_that_an_operator_may_change_is_tried_above():
    assert set(RELIED_ON) <= set(OTHERS)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_every_letter_is_refused(servers, encoding):
    name = f"marketplace_{encoding.lower()}"
    drop_database(servers.database_url, name)
    with on_server(servers.database_url) as cursor:
        cursor.execute(
            f"create database {name} template template0 encoding '{encoding}' locale 'C'"
            " locale_provider libc"
        )
    url = servers.database_url.rpartition("/")[0] + f"/{name}"
    try:
        with pytest.raises(UnusableDatabaseError, match=f"encoding {encoding}; it must be UTF8"):
            ConnectionFactory(url, {}).connect()
    finally:
        drop_database(servers.database_url, name)


def test_settings_of_the_address_stay_and_others_are_added(fresh_database_url):
    factory = ConnectionFactory(
        f"{fresh_database_url}?options=-c%20search_path%3Dapp%20-c%20statement_timeout%3D60000"
        "&application_name=mine",
        {"statement_timeout": "5000"},
    )
    connection = factory.connect()
    with connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('search_path'), current_setting('statement_timeout'),"
            " current_setting('application_name')"
        )
        assert cursor.fetchone() == ("app", "5s", "mine")
    connection.close()


def test_an_unreachable_database_is_not_tried_again_at_once(monkeypatch):
    tried = []

    def fail(self, dsn):
        tried.append(dsn)
        time.sleep(0.05)
        raise psycopg2.OperationalError("timeout expired")

    monkeypatch.setattr(BoundedConnection, "__init__", fail)
    monkeypatch.setattr("common.database.connections.factory.UNREACHABLE_AFTER_SECONDS", 0.01)
    factory = ConnectionFactory("postgresql://127.0.0.1:1/silent", {})
    for _ in range(10):
        with pytest.raises(psycopg2.OperationalError):
            factory.connect()
    assert len(tried) == 1


def test_a_refusal_is_no_timeout():
    factory = ConnectionFactory(NOWHERE, {})
    for _ in range(3):
        with pytest.raises(psycopg2.OperationalError, match="refused"):
            factory.connect()


def broken(url, **changes):
    """The address with another password, user, database or port."""
    parameters = {"password": "hush"} | psycopg2.extensions.parse_dsn(url) | changes
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**parameters)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"password": "hush-wrong"}, "password authentication failed"),
        ({"user": "unknown"}, "unknown"),
        ({"dbname": "unknown"}, "unknown"),
        ({"port": "1"}, "Connection refused"),
        ({"host": "unknown.invalid"}, "unknown.invalid"),
    ],
)
def test_the_log_says_why_there_is_no_connection_and_no_secret(
    fresh_database_url, changes, reason, capsys
):
    factory = ConnectionFactory(broken(fresh_database_url, **changes), {})
    password = psycopg2.extensions.parse_dsn(fresh_database_url).get("password", "hush")
    for _ in range(5):
        try:
            factory.connect().close()
        except psycopg2.OperationalError:
            continue
        pytest.skip("this server asks for no password")
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "no connection" in each]
    assert reason in line
    assert password not in line and "hush" not in line


def test_a_reason_is_one_line():
    error = psycopg2.OperationalError("connection to a failed: x\n\tIs it running?\n\nand b\n")
    assert failure_reason(error) == "connection to a failed: x Is it running? and b"
    assert failure_reason(psycopg2.OperationalError()) == "OperationalError"
