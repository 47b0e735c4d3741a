"""Terms are found by keys, though a statement was planned when there was none of them yet.

A statement by key is planned once per connection. A table that was analyzed while it was empty is thought
to stay so, and joined with it a statement would read all of it for each term.
"""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from common.database.connections.prepared_statements import KEYED_PLANS, Statement
from common.database.session import driver_text
from profiles.public.search.shared_terms import DELETE_SUBJECTS, DELETE_WORDS, NAME_SUBJECTS
from profiles.public.search.vocabulary import ADD_WORDS, DELETE_SPELLINGS
from tests.marketplace.plans.explain import plan_nodes

TABLES = ("public_words", "public_spellings", "public_subjects", "public_tutor_subjects")
TERMS = ["алгебра", "хімія"]
STATEMENTS = {
    "new words": (ADD_WORDS, {"words": TERMS}),
    "words no longer shown": (DELETE_WORDS, {"words": TERMS, "queries": ["'алгебра'", "'хімія'"]}),
    "spellings": (DELETE_SPELLINGS, {"spellings": TERMS, "words": TERMS}),
    "new subjects": (NAME_SUBJECTS, {"codes": TERMS}),
    "subjects no longer shown": (DELETE_SUBJECTS, {"codes": TERMS}),
}


@pytest.fixture
def cursor(database_url: str) -> Iterator[Any]:
    """Of a session in which these tables are empty, and known to be."""
    connection = psycopg2.connect(database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"create temp table {table} (like public.{table} including all)")
            cursor.execute(f"vacuum analyze {table}")
        yield cursor
    connection.close()


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_plan_for_empty_tables_looks_every_term_up(cursor: Any, name: str) -> None:
    statement, values = STATEMENTS[name]
    prepared = Statement(driver_text(statement))
    cursor.execute(f"begin; {KEYED_PLANS} {prepared.prepare}")
    cursor.execute(f"explain (format json) {prepared.execute}", values)
    plan = list(plan_nodes(cursor.fetchone()[0][0]["Plan"]))
    cursor.execute("rollback")
    assert not [node for node in plan if "Join Filter" in node]
    scans = [
        node for node in plan if node.get("Relation Name") in TABLES and "Scan" in node["Node Type"]
    ]
    assert scans
    for scan in scans:
        assert "Index Cond" in scan or "TID Cond" in scan
