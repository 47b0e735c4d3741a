"""Teardown of a request whose connection to PostgreSQL was lost after its last statement.

The rollback fails then, after the response was made: without this module the server would send a
bare 500 in its place.
"""

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from common.database.session import db

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """To be called after the database's own: Flask calls teardown functions in reverse order."""
    app.teardown_appcontext(_release_session)


def _release_session(error: BaseException | None) -> None:
    """Remove the session as Flask-SQLAlchemy does, whatever has become of its connection."""
    try:
        db.session.remove()
    except SQLAlchemyError as failure:
        log.warning("database lost at the end of a request", error=type(failure).__name__)
        # The server has rolled back by itself; the connection must not be used again.
        db.session().invalidate()
        db.session.registry.clear()
