"""The end of a request whose connection to PostgreSQL was lost after its last statement.

Giving up its transaction fails then, after the answer was made: without this module the server
would send a bare 500 in its place.
"""

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from common.database.session import db

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """To be called after the database's: of such functions Flask calls the last one first."""
    app.teardown_appcontext(_let_go)


def _let_go(error: BaseException | None) -> None:
    """End the session as the database's own function would, whatever has become of its line."""
    try:
        db.session.remove()
    except SQLAlchemyError as failure:
        log.warning("database lost at the end of a request", error=type(failure).__name__)
        # The server has rolled back by itself; the connection must not be used again.
        db.session().invalidate()
        db.session.registry.clear()
