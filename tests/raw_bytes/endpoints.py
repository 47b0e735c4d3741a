"""Every operation of the application, found by walking its routes, and what the database holds."""

import re
import uuid
from typing import Any, NamedTuple

import psycopg2
from flask import Flask
from psycopg2 import sql

LIST_TABLES = """
    select relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
"""
# What starts two factors takes no body: any call makes a secret, which counts for nothing until a
# code confirms it. The first probe of readiness gives the database and its store of files one id.
CHANGED_BY_ANY_CALL = {"two_factor_secrets", "file_store"}
# A list that was answered is counted, whatever was searched for.
COUNTS_OF_LISTS = {
    "insight_salts",
    "insight_pages",
    "search_questions",
    "search_callers",
    "search_daily_counts",
    "listing_daily_counts",
}


class Operation(NamedTuple):
    """One method of one path, its parameters filled in with values that name nothing."""

    method: str
    path: str
    takes_json: bool
    has_body: bool = False
    # None where the document does not mention it: the documentation's and media's own files.
    operation_id: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def operations(app: Flask) -> list[Operation]:
    document = app.test_client().get("/api/openapi.json").get_json()
    found = []
    for rule in app.url_map.iter_rules():
        template = document["paths"].get(openapi_path(rule), {})
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            described = template.get(method.lower(), {})
            body = described.get("requestBody", {}).get("content", {})
            takes_json = "application/json" in body
            operation_id = described.get("operationId")
            found.append(Operation(method, filled(rule), takes_json, bool(body), operation_id))
    return found


def openapi_path(rule: Any) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)


def filled(rule: Any) -> str:
    values = {
        "tutor_id": 2_000_000_000,
        "snapshot_id": uuid.UUID(int=7),
        "session_id": uuid.UUID(int=7),
        "search_id": uuid.UUID(int=7),
        "name": "a/b.webp",
    }
    return rule.build({name: values[name] for name in rule.arguments}, append_unknown=False)[1]


def contents(database_url: str) -> dict[str, Any]:
    """How many rows every table has, and a digest of all that is in them.

    Searches are left out, whatever was searched for: the log notes them, and they are counted.
    """
    with psycopg2.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.execute(LIST_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        held = {}
        for table in set(tables) - CHANGED_BY_ANY_CALL - COUNTS_OF_LISTS:
            cursor.execute(
                sql.SQL(
                    "select count(*), md5(coalesce(string_agg(t::text, '|' order by t::text), ''))"
                    " from {} t where coalesce(to_jsonb(t)->>'action', '') not like 'marketplace.%'"
                ).format(sql.Identifier(table))
            )
            held[table] = cursor.fetchone()
    connection.close()
    return held
