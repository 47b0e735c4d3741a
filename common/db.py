"""The database: the model base, constraint names, and the two ways to a connection.

Writers and owners' reads use `db.session` (one transaction a request, committed by the view).
Public reads use `read_connection()`, which never opens a transaction.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any
from weakref import WeakSet

import psycopg2
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.orm import DeclarativeBase

from common.config import ROOT
from common.connections import Line, find_dead_connections, watch


class Base(DeclarativeBase):
    """Base of all models. Constraints are named by convention, so migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"autoflush": True})
migrate = Migrate()


READ = "read"
# Every public read has an index. The planner does not know what it costs to read a document that
# is stored aside of its row, and would rather read all of a small table than use the index.
READ_SETTINGS = "-c enable_seqscan=off"
_engines: "WeakSet[Engine]" = WeakSet()


def init_app(app: Flask) -> None:
    """Connect `app` to PostgreSQL; nothing is opened until the first query."""
    options = engine_options(app.config)
    url = app.config["DATABASE_URL"]
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    # Switching a pooled connection to autocommit and back costs two round trips with each use,
    # so reads have a pool of connections that are never in anything else.
    app.config["SQLALCHEMY_BINDS"] = {
        READ: {
            **options,
            "url": url,
            "isolation_level": "AUTOCOMMIT",
            "pool_reset_on_return": None,
            "connect_args": {
                **options["connect_args"],
                "options": f"{options['connect_args']['options']} {READ_SETTINGS}",
            },
        }
    }
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "common" / "migrations"))
    with app.app_context():
        _engines.update(db.engines.values())
        for engine in db.engines.values():
            find_dead_connections(engine)
    app.before_request(watch)


def dispose_engines() -> None:
    """Close the current application's idle connections, of every kind."""
    for engine in db.engines.values():
        engine.dispose()


def _forget_connections() -> None:
    for engine in _engines:
        engine.dispose(close=False)


# A server that loads the application before it forks must not share its connections.
os.register_at_fork(after_in_child=_forget_connections)


def engine_options(config: Any) -> dict[str, Any]:
    """Pool and session settings: every wait bounded, no bound value in an error's text."""
    session = (
        f"-c statement_timeout={config['STATEMENT_TIMEOUT_MS']}"
        f" -c lock_timeout={config['LOCK_TIMEOUT_MS']}"
        " -c idle_in_transaction_session_timeout=30000"
        " -c timezone=UTC -c jit=off"
    )
    return {
        "pool_size": config["DATABASE_POOL_SIZE"],
        "max_overflow": config["DATABASE_POOL_OVERFLOW"],
        "pool_timeout": 3,
        "pool_pre_ping": False,
        "pool_recycle": 1800,
        "hide_parameters": True,
        "connect_args": {
            "connect_timeout": 3,
            "application_name": "tutor-marketplace",
            "options": session,
            "keepalives_idle": 30,
            "tcp_user_timeout": 10_000,
            "connection_factory": Line(config["STATEMENT_TIMEOUT_MS"] / 1000).connect,
        },
    }


@contextmanager
def read_connection() -> Iterator[Connection]:
    """A connection in autocommit: a read costs its own round trip and no BEGIN or ROLLBACK."""
    with db.engines[READ].connect() as connection:
        yield connection


def read_rows(sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows of one statement (psycopg2's `%(name)s` style), past SQLAlchemy's result layer.

    For the busiest public reads, where that layer costs more than the query. A connection that
    turns out dead is replaced and the read repeated once. Raises psycopg2.Error.
    """
    engine = db.engines[READ]
    for attempt in (1, 2):
        pooled = engine.raw_connection()
        try:
            with closing(pooled.cursor()) as cursor:
                cursor.execute(sql, parameters)
                return list(cursor.fetchall())
        except psycopg2.Error as error:
            if not pooled.dbapi_connection or not pooled.dbapi_connection.closed:
                raise
            was_silent = getattr(pooled.dbapi_connection, "was_silent", False)
            # One dead connection means that all of this age are; the pool starts anew.
            pooled.invalidate(error)
            engine.dispose()
            if attempt == 2 or was_silent:
                raise
        finally:
            pooled.close()
    raise AssertionError("unreachable: the second attempt returns or raises")
