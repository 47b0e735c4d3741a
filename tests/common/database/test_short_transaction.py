"""Short transactions keep what every transaction promises."""

import psycopg2
import pytest
from sqlalchemy import text

from common.database.session import db, execute_by_key, read_rows, write_by_key
from common.database.short_transaction import short_transaction, write_rows
from tests.factories import make_user

NAME = "select first_name from users where id = %(id)s"
LOCK_ALONE = "select from users where id = %(id)s for no key update"
LOCK = f"{LOCK_ALONE}; {NAME}"
RENAME = "update users set first_name = %(name)s where id = %(id)s"
FAIL = "select 1 / 0"


@pytest.fixture
def person(app):
    user = make_user(first_name="Before")
    db.session.commit()
    return {"id": user.id, "name": "After"}


def name_of(person):
    return read_rows(NAME, person)[0][0]


def test_what_is_finished_is_committed(person):
    with short_transaction() as transaction:
        assert transaction.rows(LOCK, person) == [("Before",)]
        transaction.finish(RENAME, person)
    assert name_of(person) == "After"


def test_several_statements_sent_together_are_prepared_one_by_one(person):
    for _ in range(3):
        with short_transaction() as transaction:
            assert transaction.rows((LOCK_ALONE, NAME), person) != []
            transaction.finish((RENAME, LOCK_ALONE), person)
        assert name_of(person) == "After"
        write_rows(f"{RENAME} returning id", person | {"name": "Before"})


def test_a_prepared_statement_that_fails_takes_the_others_with_it(person):
    for _ in range(3):
        with pytest.raises(psycopg2.errors.CheckViolation):
            with short_transaction() as transaction:
                transaction.rows((f"{RENAME} returning id",), person)
                transaction.finish((RENAME,), person | {"name": ""})
        assert name_of(person) == "Before"


def test_what_is_not_finished_is_rolled_back_and_holds_no_lock(person):
    with short_transaction() as transaction:
        assert transaction.rows(f"{RENAME}; {NAME}", person) == [("After",)]
        assert transaction.rows(NAME, person) == [("After",)]
    assert name_of(person) == "Before"
    write_rows(f"{RENAME} returning id", person)
    assert name_of(person) == "After"


@pytest.mark.parametrize("last", [False, True])
def test_a_failing_statement_takes_all_others_with_it(person, last):
    for _ in range(15):
        with pytest.raises(psycopg2.errors.DivisionByZero):
            with short_transaction() as transaction:
                transaction.rows(f"{RENAME}; {NAME}", person)
                if last:
                    transaction.finish(FAIL, {})
                transaction.rows(FAIL, {})
    assert name_of(person) == "Before"


def test_what_is_added_is_done_before_what_is_sent_next_and_each_has_its_own_values(person):
    for _ in range(3):
        with short_transaction() as transaction:
            transaction.rows((LOCK_ALONE, NAME), person)
            transaction.add((RENAME,), person | {"name": "10 % first"})
            transaction.add((RENAME, LOCK_ALONE), person | {"name": "second 'name'"})
            assert transaction.rows((NAME,), person) == [("second 'name'",)]
            transaction.add((RENAME,), person | {"name": "third \\"})
            transaction.commit()
        assert name_of(person) == "third \\"
        with short_transaction() as transaction:
            transaction.rows((NAME,), person)
            transaction.add((f"{RENAME} and first_name = 'nobody'",), person)
            transaction.finish((RENAME,), person | {"name": "10 % last"})
        assert name_of(person) == "10 % last"


def test_what_is_added_and_not_sent_is_not_done(person):
    with short_transaction() as transaction:
        transaction.rows((NAME,), person)
        transaction.add((RENAME,), person)
    assert name_of(person) == "Before"


def test_what_is_added_fails_with_what_is_sent_next_and_takes_all_with_it(person):
    for _ in range(3):
        with pytest.raises(psycopg2.errors.CheckViolation):
            with short_transaction() as transaction:
                transaction.rows((LOCK_ALONE, NAME), person)
                transaction.add((RENAME,), person)
                transaction.add((RENAME,), person | {"name": ""})
                transaction.commit()
        assert name_of(person) == "Before"


def test_a_transaction_of_either_kind_executes_statements_by_key(person):
    def rename(transaction):
        assert execute_by_key(transaction, person, text(LOCK_ALONE.replace("%(id)s", ":id")), NAME)
        write_by_key(transaction, person | {"name": "Between"}, RENAME)
        assert execute_by_key(transaction, person, NAME) == [("Between",)]
        write_by_key(transaction, person, RENAME)

    rename(db.session.connection())
    db.session.commit()
    assert name_of(person) == "After"
    write_rows(f"{RENAME} returning id", person | {"name": "Before"})
    with short_transaction() as transaction:
        rename(transaction)
        transaction.commit()
    assert name_of(person) == "After"


def test_an_exception_of_the_caller_rolls_back(person):
    with pytest.raises(KeyError):
        with short_transaction() as transaction:
            transaction.rows(f"{RENAME}; {NAME}", person)
            raise KeyError
    assert name_of(person) == "Before"


def test_a_written_row_is_there_at_once_and_a_refused_one_is_not(person):
    assert write_rows(f"{RENAME} returning first_name", person) == [("After",)]
    assert name_of(person) == "After"
    with pytest.raises(psycopg2.errors.CheckViolation):
        write_rows(f"{RENAME} returning id", person | {"name": ""})
    assert name_of(person) == "After"


def test_a_connection_that_dies_on_the_way_fails_one_call_and_no_other(person):
    with pytest.raises(psycopg2.OperationalError):
        with short_transaction() as transaction:
            transaction.rows(f"{RENAME}; {NAME}", person)
            transaction.rows("select pg_terminate_backend(pg_backend_pid())", {})
    with pytest.raises(psycopg2.OperationalError):
        write_rows("select pg_terminate_backend(pg_backend_pid())", {})
    assert name_of(person) == "Before"
    with short_transaction() as transaction:
        transaction.rows(LOCK, person)
        transaction.finish(RENAME, person)
    assert name_of(person) == "After"
