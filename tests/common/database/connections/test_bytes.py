"""What is read as bytes, and what stays text."""

from flask import Flask

from common.database.connections.connection import AS_BYTES
from common.database.session import read_rows


def test_text_is_read_as_bytes_where_a_statement_says_so(app: Flask) -> None:
    with app.app_context():
        [row] = read_rows(f"select %(text)s::text::{AS_BYTES}, %(text)s::text", {"text": "Їжак  "})
    assert row == ("Їжак  ".encode(), "Їжак  ")


def test_no_column_has_the_type_that_is_read_as_bytes(app: Flask) -> None:
    with app.app_context():
        rows = read_rows(
            "select attrelid::regclass::text, attname from pg_attribute"
            " join pg_class on pg_class.oid = attrelid"
            " where atttypid = %(kind)s::regtype and relnamespace = 'public'::regnamespace",
            {"kind": AS_BYTES},
        )
    assert rows == []
