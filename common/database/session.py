"""The database: the model base, constraint names, and the two ways to its connections.

Writers use `db.session` (one transaction a request, committed by the view). Reads that need no
transaction use `read_rows`, which never opens one. Both take connections from one pool.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Protocol, cast

import psycopg2
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ClauseElement, Connection, Engine, MetaData, event
from sqlalchemy.dialects.postgresql import psycopg2 as psycopg2_dialect
from sqlalchemy.orm import DeclarativeBase

from common.config import ROOT
from common.database.connections import prepared_statements as prepared
from common.database.connections.connection import BoundedConnection
from common.database.connections.factory import ConnectionFactory
from common.database.connections.pool import AutocommitPool
from common.database.connections.session_settings import SESSION, request_settings
from common.database.connections.transaction_pool import TransactionPool


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
# No bound value in an error's text, and no statement of SQLAlchemy's own with each connection.
DIALECT_OPTIONS = {"hide_parameters": True, "use_native_hstore": False}
AUTOCOMMIT_POOL = "autocommit_pool"
# Used so recently, a connection is not asked before a read whether it lives: that is a system call, around
# which Python may change threads, and a read that meets a dead one is repeated anyway.
TRUSTED_SECONDS = 0.5
# Connections beside the pool: the writer of events and the sender of mails have one each, so that
# requests that exhaust the pool do not stop them.
BACKGROUND_CONNECTIONS = 2


def init_app(app: Flask) -> None:
    """Connect `app` to PostgreSQL; nothing is opened until the first query."""
    pool = app.extensions[AUTOCOMMIT_POOL] = make_autocommit_pool(app.config)
    app.config["SQLALCHEMY_DATABASE_URI"] = ENGINE_URL
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = DIALECT_OPTIONS | {
        "poolclass": TransactionPool,
        "lender": pool,
    }
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "common" / "database" / "migrations"))


def make_autocommit_pool(config: Any) -> AutocommitPool:
    """The connections that a process's requests share."""
    factory = _connection_factory(config, prepared.SESSION_SETTINGS)
    size = config["DATABASE_POOL_SIZE"] - BACKGROUND_CONNECTIONS
    return AutocommitPool(factory.connect, size, size)


def autocommit_pool() -> AutocommitPool:
    """The current application's connections."""
    pool: AutocommitPool = current_app.extensions[AUTOCOMMIT_POOL]
    return pool


def dispose_engines() -> None:
    """Close the current application's idle connections."""
    autocommit_pool().close_idle()


def _connection_factory(config: Any, prepared_settings: Mapping[str, str]) -> ConnectionFactory:
    settings, pooling = request_settings(config), config["DATABASE_POOLING"]
    if pooling == SESSION:
        settings |= prepared_settings
    return ConnectionFactory(config["DATABASE_URL"], settings, pooling)


def engine_options(config: Any) -> dict[str, Any]:
    """Options of an engine with connections of its own: every wait bounded."""
    return {
        "creator": _connection_factory(config, {}).connect,
        "pool_size": config["DATABASE_POOL_SIZE"],
        "max_overflow": 0,
        "pool_timeout": 3,
        "pool_pre_ping": True,
        "pool_recycle": 1800,
    } | DIALECT_OPTIONS


def commit_asynchronously(engine: Engine) -> None:
    """Let the engine's commits not wait for the disk: a crash of the server may lose the last ones."""
    event.listen(engine, "begin", _commit_asynchronously)


def _commit_asynchronously(connection: Connection) -> None:
    connection.exec_driver_sql("set local synchronous_commit = off")


class TransactionByKey(Protocol):
    """A transaction whose statements all find their rows by keys (`short_transaction`)."""

    def rows(self, sql: tuple[str, ...], values: Mapping[str, Any]) -> list[tuple[Any, ...]]: ...

    def add(self, sql: tuple[str, ...], values: Mapping[str, Any]) -> None: ...


# What statements by key can be executed on.
Transaction = Connection | TransactionByKey


def execute_by_key(
    connection: Transaction, values: Mapping[str, Any], *statements: str | ClauseElement
) -> list[tuple[Any, ...]]:
    """The rows of the last of some statements that find theirs by keys, in a transaction.

    They are sent together, and each is prepared and planned once per connection; without SQLAlchemy's
    execution and its results, which cost as much again. The transaction avoids scans from then on.
    Raises sqlalchemy.exc.DBAPIError, as the connection's own statements do; in a short transaction
    psycopg2.Error.
    """
    if not isinstance(connection, Connection):
        return connection.rows(_texts(statements), values)
    driver_connection = cast(BoundedConnection, connection.connection.driver_connection)
    cursor: Any = driver_connection.cursor()
    sqls = _texts(statements)
    try:
        texts = [prepared.as_executed(driver_connection, each, cursor.execute) for each in sqls]
        cursor.execute(prepared.KEYED_PLANS + "; ".join(texts), values)
        return list(cursor.fetchall()) if cursor.description else []
    except psycopg2.Error as error:
        # What SQLAlchemy does of its own statements: it gives up a connection that is lost.
        connection._handle_dbapi_exception(error, "; ".join(sqls), None, cursor, None)


def write_by_key(
    connection: Transaction, values: Mapping[str, Any], *statements: str | ClauseElement
) -> None:
    """As execute_by_key, where nobody reads the rows: in a short transaction, sent with what follows."""
    if isinstance(connection, Connection):
        execute_by_key(connection, values, *statements)
    else:
        connection.add(_texts(statements), values)


def _texts(statements: tuple[str | ClauseElement, ...]) -> tuple[str, ...]:
    return tuple([each if isinstance(each, str) else driver_text(each) for each in statements])


@lru_cache(256)
def driver_text(statement: ClauseElement) -> str:
    """A statement in psycopg2's `%(name)s` style. Its values need no conversion by SQLAlchemy."""
    return str(statement.compile(dialect=psycopg2_dialect.dialect()))


def read_rows(
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    plans: str = prepared.READ_PLANS,
) -> list[tuple[Any, ...]]:
    """All rows of one statement (psycopg2's `%(name)s` style), without SQLAlchemy's result layer.

    A connection that turns out dead is replaced and the read repeated once. Raises
    psycopg2.Error.
    """
    pool = autocommit_pool()
    for attempt, trusted_seconds in ((1, TRUSTED_SECONDS), (2, 0.0)):
        connection = pool.acquire(trusted_seconds)
        try:
            return prepared.run(connection, sql, parameters or {}, plans)
        except psycopg2.Error:
            if not connection.closed:
                raise
            pool.close_idle()
            if attempt == 2 or connection.timed_out:
                raise
        finally:
            pool.release(connection)
    raise AssertionError("unreachable: the second attempt returns or raises")
