"""The database: the model base, constraint names, and the two kinds of connections.

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
from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import DeclarativeBase

from common.config import ROOT
from common.database import prepared_statements as prepared
from common.database.connection import discard_dead_connections
from common.database.connection_factory import ConnectionFactory
from common.database.pool import AutocommitPool
from common.database.session_settings import request_settings
from common.database.transaction_pool import TransactionPool


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


# The driver alone: connections are opened by a ConnectionFactory, from libpq's own reading of
# DATABASE_URL.
ENGINE_URL = "postgresql+psycopg2://"
AUTOCOMMIT_POOL = "autocommit_pool"
# Every public read has an index. The planner ignores what it costs to fetch a TOASTed document, and
# would scan all of a small table instead.
READ_SETTINGS = {"enable_seqscan": "off"}
_engines: "WeakSet[Engine]" = WeakSet()


def init_app(app: Flask) -> None:
    """Connect `app` to PostgreSQL; nothing is opened until the first query."""
    app.config["SQLALCHEMY_DATABASE_URI"] = ENGINE_URL
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(app.config)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "common" / "database" / "migrations"))
    with app.app_context():
        _engines.update(db.engines.values())
        for engine in db.engines.values():
            discard_dead_connections(engine)
    app.extensions[AUTOCOMMIT_POOL] = make_autocommit_pool(app.config)


def make_autocommit_pool(config: Any) -> AutocommitPool:
    """Connections to the same database without SQLAlchemy, with plans for indexed reads."""
    settings = request_settings(config) | READ_SETTINGS | prepared.SESSION_SETTINGS
    factory = ConnectionFactory(config["DATABASE_URL"], settings)
    size = config["DATABASE_POOL_SIZE"]
    return AutocommitPool(factory.connect, size, size + config["DATABASE_POOL_OVERFLOW"])


def autocommit_pool() -> AutocommitPool:
    """The current application's connections for statements that are their own transactions."""
    pool: AutocommitPool = current_app.extensions[AUTOCOMMIT_POOL]
    return pool


def dispose_engines() -> None:
    """Close the current application's idle connections, of every kind."""
    autocommit_pool().close_idle()
    for engine in db.engines.values():
        engine.dispose()


def _reset_engines() -> None:
    for engine in _engines:
        engine.dispose(close=False)


# A server that loads the application before it forks must not share its connections.
os.register_at_fork(after_in_child=_reset_engines)


def engine_options(config: Any, **settings: str) -> dict[str, Any]:
    """SQLAlchemy's options: every wait bounded, no bound value in an error's text.

    `settings` are session settings beside those of all requests, e.g. synchronous_commit="off".
    """
    factory = ConnectionFactory(config["DATABASE_URL"], request_settings(config) | settings)
    return {
        "creator": factory.connect,
        "poolclass": TransactionPool,
        "pool_size": config["DATABASE_POOL_SIZE"],
        "max_overflow": config["DATABASE_POOL_OVERFLOW"],
        "pool_timeout": 3,
        "pool_pre_ping": False,
        "pool_recycle": 1800,
        "hide_parameters": True,
    }


def read_rows(sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """All rows of one statement (psycopg2's `%(name)s` style), without SQLAlchemy's result layer.

    A connection that turns out dead is replaced and the read repeated once. Raises
    psycopg2.Error.
    """
    pool = autocommit_pool()
    for attempt in (1, 2):
        connection = pool.acquire()
        try:
            return prepared.run(connection, sql, parameters or {})
        except psycopg2.Error:
            if not connection.closed:
                raise
            pool.close_idle()
            if attempt == 2 or connection.timed_out:
                raise
        finally:
            pool.release(connection)
    raise AssertionError("unreachable: the second attempt returns or raises")
