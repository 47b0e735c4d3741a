"""Statements run through PREPARE answer as they would without it, whatever becomes of it."""

import psycopg2
import pytest
from flask import Flask

from common.database import prepared_statements as prepared
from common.database.session import autocommit_pool, read_rows

SUM = "select %(left)s::int + %(right)s::int, %(left)s::int"
PREPARED = "select count(*)::int from pg_prepared_statements"


@pytest.fixture
def connection(app: Flask):
    autocommit_pool().close_idle()
    connection = autocommit_pool().acquire()
    yield connection
    autocommit_pool().release(connection)


def query(connection, **values):
    return prepared.run(connection, SUM, values)


def test_values_go_where_their_names_stand_however_often(connection):
    assert query(connection, left=40, right=2) == [(42, 40)]
    assert query(connection, right=40, left=2) == [(42, 2)]
    assert query(connection, left=40, right=2, unused="of no use") == [(42, 40)]


@pytest.mark.parametrize("text", ["", "'", "\\", "$1", "%", "%(left)s", "ї", '"; select 1; --'])
def test_any_text_is_a_value_and_nothing_else(app: Flask, text: str):
    assert read_rows("select %(text)s::text, '%%'", {"text": text}) == [(text, "%")]


def test_a_statement_is_prepared_once(connection):
    for number in range(5):
        assert query(connection, left=number, right=1) == [(number + 1, number)]
    assert len(connection.prepared) == 1
    assert prepared.run(connection, PREPARED, {}) == [(2,)]


def test_a_statement_the_server_forgot_is_prepared_again(connection):
    query(connection, left=1, right=1)
    connection.cursor().execute("deallocate all")
    assert query(connection, left=1, right=1) == [(2, 1)]


def test_a_statement_the_server_knew_already_is_none_the_worse(connection):
    query(connection, left=1, right=1)
    connection.prepared.clear()
    assert query(connection, left=1, right=1) == [(2, 1)]


def test_no_more_statements_are_kept_than_wanted(connection, monkeypatch):
    monkeypatch.setattr(prepared, "MAX_STATEMENTS", 4)
    for number in range(11):
        assert prepared.run(connection, f"select {number}", {}) == [(number,)]
        assert len(connection.prepared) <= 4
    assert prepared.run(connection, PREPARED, {})[0][0] <= 4


def test_a_statement_that_fails_fails_each_time_and_spoils_no_other(connection):
    for _ in range(3):
        with pytest.raises(psycopg2.errors.DivisionByZero):
            prepared.run(connection, "select 1 / %(by)s::int", {"by": 0})
        with pytest.raises(psycopg2.errors.UndefinedTable):
            prepared.run(connection, "select * from nowhere", {})
        assert query(connection, left=1, right=1) == [(2, 1)]


def test_each_value_gets_a_plan_of_its_own(connection):
    cursor = connection.cursor()
    cursor.execute("show plan_cache_mode")
    assert cursor.fetchone() == ("force_custom_plan",)
