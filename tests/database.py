"""Databases for tests: made from a template, emptied between tests, dropped at the end."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis

from common.database.session import db


def _plain(url: str) -> str:
    """The address as psycopg2 reads it, without SQLAlchemy's driver."""
    scheme, _, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"


@contextmanager
def on_server(url: str) -> Iterator[Any]:
    """A cursor that commits each statement by itself."""
    connection = psycopg2.connect(_plain(url))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def create_database(server_url: str, name: str, template: str = "template0") -> str:
    """Create a database and return its address."""
    with on_server(server_url) as cursor:
        cursor.execute(f"create database {name} template {template} encoding 'UTF8'")
    return urlunsplit(urlsplit(_plain(server_url))._replace(path=f"/{name}"))


def database_of(url: str) -> str:
    """The name of the database in an address."""
    return urlsplit(url).path.removeprefix("/")


def drop_database(server_url: str, name: str) -> None:
    with on_server(server_url) as cursor:
        cursor.execute(f"drop database if exists {name} with (force)")


class Janitor:
    """Empties what tests have filled, over a connection of its own."""

    def __init__(self, database_url: str, redis_url: str | None, media: Path) -> None:
        self._media = media
        self._connection = psycopg2.connect(_plain(database_url))
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()
        # A transaction that a test left open fails here, and does not hang the suite.
        self._cursor.execute("set lock_timeout = '10s'")
        self._redis = redis.Redis.from_url(redis_url) if redis_url else None
        # Children before parents, and not what the migrations themselves have filled in.
        names = [f'"{table.name}"' for table in reversed(db.metadata.sorted_tables)]
        self._names = [name for name in names if name not in self._filled(names)]

    def _filled(self, names: list[str]) -> list[str]:
        """Those of the tables that hold a row: one question for all of them, mostly the only one."""
        self._cursor.execute(
            " union all ".join(
                f"select '{name}' where exists (select from {name})" for name in names
            )
        )
        filled = {name for (name,) in self._cursor.fetchall()}
        return [name for name in names if name in filled]

    def clean(self) -> None:
        filled = self._filled(self._names)
        if filled:
            # Caches learn by the revision that the public rows they remember are gone.
            statements = [f"delete from {name}" for name in filled]
            statements.append("update public_revision set n = n + 1 where slot = 0")
            self._cursor.execute(";".join(statements))
        if self._redis:
            self._redis.flushdb()
        shutil.rmtree(self._media, ignore_errors=True)

    def close(self) -> None:
        self._connection.close()
        if self._redis:
            self._redis.close()
