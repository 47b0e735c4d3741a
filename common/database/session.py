"""The database: the model base, constraint names, and the two ways to a connection.

Writers use `db.session` (one transaction a request, committed by the view). Reads that need no
transaction use `read_rows`, which never opens one.
"""

import os
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

import psycopg2
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, make_url
from sqlalchemy.orm import DeclarativeBase

from common.config import ROOT
from common.database import prepared_statements as prepared
from common.database.connection import BoundedConnection, Line, find_dead_connections, watch
from common.database.pool import ReadPool


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


READ_POOL = "read_pool"
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
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "common" / "migrations"))
    with app.app_context():
        _engines.update(db.engines.values())
        for engine in db.engines.values():
            find_dead_connections(engine)
    app.extensions[READ_POOL] = make_read_pool(url, options, app.config)
    app.before_request(watch)


def make_read_pool(url: str, options: Mapping[str, Any], config: Any) -> ReadPool:
    """Connections to the same database under the same terms, past SQLAlchemy."""
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    terms = dict(options["connect_args"])
    terms["options"] = f"{terms['options']} {READ_SETTINGS} {prepared.SETTINGS}"

    def connect() -> BoundedConnection:
        connection = psycopg2.connect(address, **terms)
        assert isinstance(connection, BoundedConnection)
        return connection

    kept = config["DATABASE_POOL_SIZE"]
    return ReadPool(connect, kept, kept + config["DATABASE_POOL_OVERFLOW"])


def read_pool() -> ReadPool:
    """The current application's connections for statements that are their own transactions."""
    pool: ReadPool = current_app.extensions[READ_POOL]
    return pool


def dispose_engines() -> None:
    """Close the current application's idle connections, of every kind."""
    read_pool().close_idle()
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


def read_rows(sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows of one statement (psycopg2's `%(name)s` style), past SQLAlchemy's result layer.

    A connection that turns out dead is replaced and the read repeated once. Raises
    psycopg2.Error.
    """
    pool = read_pool()
    for attempt in (1, 2):
        connection = pool.take()
        try:
            return prepared.run(connection, sql, parameters or {})
        except psycopg2.Error:
            if not connection.closed:
                raise
            pool.close_idle()
            if attempt == 2 or connection.was_silent:
                raise
        finally:
            pool.give_back(connection)
    raise AssertionError("unreachable: the second attempt returns or raises")
