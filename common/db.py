"""The database: the model base, constraint names, and the two ways to a connection.

Writers and owners' reads use `db.session` (one transaction a request, committed by the view).
Public reads use `read_connection()`, which never opens a transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData
from sqlalchemy.orm import DeclarativeBase

from common.config import ROOT


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


def init_app(app: Flask) -> None:
    """Connect `app` to PostgreSQL; nothing is opened until the first query."""
    config = app.config
    app.config["SQLALCHEMY_DATABASE_URI"] = config["DATABASE_URL"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "common" / "migrations"))


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
        },
    }


@contextmanager
def read_connection() -> Iterator[Connection]:
    """A connection in autocommit: a read costs its own round trip and no BEGIN or ROLLBACK."""
    with db.engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
