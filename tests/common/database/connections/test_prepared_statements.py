"""Statements run through PREPARE answer as they would without it, whatever becomes of it."""

import psycopg2
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DataError

from common.database.connections import prepared_statements as prepared
from common.database.session import autocommit_pool, db, execute_by_key, read_rows

SUM_OF_NOTHING = "select %(by)s::int where false"
SUM = "select %(left)s::int + %(right)s::int, %(left)s::int"


@pytest.fixture
def connection(app: Flask):
    prepared._statement.cache_clear()
    autocommit_pool().close_idle()
    connection = autocommit_pool().acquire()
    yield connection
    autocommit_pool().release(connection)


def query(connection, **values):
    return prepared.run(connection, SUM, values)


def on_server(connection):
    """How many statements the connection's backend has prepared, and how many bytes of SQL."""
    cursor = connection.cursor()
    cursor.execute("select count(*), sum(length(statement)) from pg_prepared_statements")
    return cursor.fetchone()


def test_values_go_where_their_names_stand_however_often(connection):
    for _ in range(3):
        assert query(connection, left=40, right=2) == [(42, 40)]
        assert query(connection, right=40, left=2) == [(42, 2)]
        assert query(connection, left=40, right=2, unused="of no use") == [(42, 40)]


@pytest.mark.parametrize("text", ["", "'", "\\", "$1", "%", "%(left)s", "ї", '"; select 1; --'])
def test_any_text_is_a_value_and_nothing_else(app: Flask, text: str):
    for _ in range(3):
        assert read_rows("select %(text)s::text, '%%'", {"text": text}) == [(text, "%")]


def test_a_statement_is_prepared_with_its_second_use_and_only_once(connection):
    for number in range(5):
        assert query(connection, left=number, right=1) == [(number + 1, number)]
        assert on_server(connection)[0] == min(number, 1)


def test_statements_used_once_take_no_place(connection):
    for number in range(20):
        assert prepared.run(connection, f"select {number}", {}) == [(number,)]
    assert connection.prepared == {}
    assert on_server(connection)[0] == 0


def test_a_statement_the_server_forgot_is_prepared_again(connection):
    for _ in range(2):
        query(connection, left=1, right=1)
    connection.cursor().execute("deallocate all")
    assert query(connection, left=1, right=1) == [(2, 1)]
    assert on_server(connection)[0] == 1


def test_a_statement_the_server_knew_already_is_none_the_worse(connection):
    for _ in range(2):
        query(connection, left=1, right=1)
    connection.prepared.clear()
    assert query(connection, left=1, right=1) == [(2, 1)]


def test_no_more_statements_stay_than_allowed_and_the_latest_used_stay(connection, monkeypatch):
    monkeypatch.setattr(prepared, "MAX_STATEMENTS", 4)
    for number in range(11):
        for _ in range(2):
            assert prepared.run(connection, f"select {number}", {}) == [(number,)]
            query(connection, left=1, right=1)
        assert len(connection.prepared) <= 4
        assert on_server(connection)[0] == len(connection.prepared)
    assert prepared._statement(SUM).name in connection.prepared
    assert prepared._statement("select 10").name in connection.prepared


def test_a_backend_keeps_a_bounded_amount_of_sql_whatever_is_asked(connection):
    long = "select %(text)s::text /* " + "x" * 5000
    for number in range(40):
        for _ in range(2):
            sql = f"{long} {number} */"
            assert prepared.run(connection, sql, {"text": "a"}) == [("a",)]
    count, size = on_server(connection)
    assert 0 < count < 40 and size <= prepared.MAX_SQL_BYTES + 100 * count
    huge = long + "x" * prepared.MAX_SQL_BYTES + " */"
    for _ in range(3):
        assert prepared.run(connection, huge, {"text": "a"}) == [("a",)]
    assert on_server(connection) == (count, size)


@given(
    st.lists(st.integers(1, prepared.MAX_SQL_BYTES), max_size=prepared.MAX_STATEMENTS),
    st.integers(1, prepared.MAX_SQL_BYTES),
)
def test_as_few_are_evicted_as_make_room(sizes, size):
    kept = {str(number): each for number, each in enumerate(sizes)}
    evicted = prepared._to_evict(kept, size)
    assert evicted == list(kept)[: len(evicted)]

    def fits(number):
        rest = sizes[number:]
        return len(rest) < prepared.MAX_STATEMENTS and sum(rest) + size <= prepared.MAX_SQL_BYTES

    assert fits(len(evicted))
    assert not evicted or not fits(len(evicted) - 1)


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


PLANS = "select generic_plans, custom_plans from pg_prepared_statements"


def test_a_statement_by_key_is_planned_once_for_all_values(connection):
    for number in range(5):
        values = {"left": number, "right": 1}
        rows = prepared.run(connection, SUM, values, prepared.KEYED_PLANS)
        assert rows == [(number + 1, number)]
    cursor = connection.cursor()
    cursor.execute(PLANS)
    assert cursor.fetchall() == [(4, 0)]
    # Of that statement alone: the session goes on planning for the values at hand.
    query(connection, left=1, right=1)
    cursor.execute(PLANS)
    assert cursor.fetchall() == [(4, 1)]


def test_a_search_starts_no_other_process_and_whatever_is_asked_next_may(connection):
    show = "select current_setting('max_parallel_workers_per_gather')::int"
    [(default,)] = prepared.run(connection, show, {})
    assert prepared.run(connection, show, {}, prepared.SEARCH_PLANS) == [(0,)]
    assert prepared.run(connection, show, {}) == [(default,)]


def test_statements_by_key_in_a_transaction_are_prepared_and_outlive_a_rollback(app: Flask):
    given = {"left": 40, "right": 2}
    for _ in range(3):
        connection = db.session.connection()
        result = execute_by_key(connection, given, text("select 1 where :left > 40"), SUM)
        assert result == [(42, 40)]
        db.session.rollback()
    count = text("select count(*) from pg_prepared_statements where statement like '%' || :part")
    for part in ("where $1 > 40", "$1::int + $2::int, $1::int"):
        assert db.session.scalar(count, {"part": part}) == 1


def test_a_statement_by_key_that_fails_ends_its_transaction_and_no_other(app: Flask):
    for by in (1, 0, 1, 0, 1):
        connection = db.session.connection()
        try:
            rows = execute_by_key(connection, {"by": by}, SUM_OF_NOTHING, "select 1 / %(by)s::int")
            assert rows == [(1,)]
        except DataError:
            assert by == 0
        db.session.rollback()


def test_an_index_walk_is_planned_once_and_without_sorting(connection):
    for number in range(5):
        walk = f"{prepared.INDEX_WALK}{SUM}, current_setting('enable_sort')"
        values = {"left": number, "right": 1}
        assert prepared.run(connection, walk, values) == [(number + 1, number, "off")]
    cursor = connection.cursor()
    cursor.execute(PLANS)
    assert cursor.fetchall() == [(4, 0)]
    cursor.execute("show enable_sort")
    assert cursor.fetchone() == ("on",)
