"""A statement with a condition on its snapshot: the same rows in the same order, or none."""

import pytest

from common.database.replicas.snapshot import EXPECTED, checked_statement
from common.database.session import read_rows
from profiles.public.models import REVISION, read_revision

# Statements as lists and searches are: ordered, with a CTE, without names, with one name twice.
STATEMENTS = [
    "select n from generate_series(1, 9) n order by n desc",
    "select n, -n from generate_series(1, 300) n order by hashint4(n) limit 200",
    "select 1 as same, 2 as same union all select 3, 4",
    "with wanted as (select n from generate_series(1, 5) n) select n, null from wanted order by -n",
    "select n, array[n] from generate_series(1, 9) n where n > %(least)s order by n",
    "select 'page', n %% 3 from generate_series(1, 7) n group by n order by n desc",
    "select null",
    "select 1 where false",
]


def checked(sql, expected, **values):
    return read_rows(checked_statement(sql, REVISION), {**values, EXPECTED: expected})


@pytest.mark.parametrize("sql", STATEMENTS)
def test_in_the_expected_state_all_rows_come_in_their_order(app, sql):
    rows = checked(sql, read_revision(), least=3)
    assert all(is_expected for is_expected, *_ in rows)
    assert [row[2:] for row in rows if row[1]] == read_rows(sql, {"least": 3})


@pytest.mark.parametrize("sql", STATEMENTS)
def test_in_another_state_one_row_says_so(app, sql):
    (row,) = checked(sql, read_revision() + 1, least=3)
    assert row[:2] == (False, None)


def test_in_another_state_the_statement_is_not_executed(app):
    division = "select 1 / (n - 1) from generate_series(1, 3) n"
    assert checked(division, read_revision() + 1)[0][0] is False


def test_a_state_that_is_unknown_is_not_the_expected_one(app):
    statement = checked_statement("select 1", "select null::bigint")
    assert read_rows(statement, {EXPECTED: 0}) == [(False, None, None)]
