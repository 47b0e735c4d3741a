"""Commands end in one line, without a traceback, where the database is away or not migrated."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import click
import psycopg2
from flask import Flask, current_app
from psycopg2.errors import UndefinedColumn, UndefinedTable
from sqlalchemy.exc import DBAPIError

from common.database.connections.factory import failure_reason
from common.database.connections.session_settings import SESSION

WRAPPED = "reports_database_errors"


def init_app(app: Flask) -> None:
    """To be called once all commands are registered."""
    for command in _commands(app.cli):
        if command.callback and not hasattr(command.callback, WRAPPED):
            command.callback = _reporting(command.callback)


def _commands(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from _commands(command)
        yield command


def _reporting(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def call(*args: Any, **options: Any) -> Any:
        try:
            return callback(*args, **options)
        except (DBAPIError, psycopg2.Error) as error:
            message = one_line(error)
            if message is None:
                raise
            raise click.ClickException(message) from None

    setattr(call, WRAPPED, True)
    return call


def require_session(command: str) -> None:
    """Raise click.ClickException where a pooler of transactions keeps a command from working.

    To be called by commands that lock for longer than a transaction, or set what lasts longer.
    """
    if current_app.config["DATABASE_POOLING"] != SESSION:
        raise click.ClickException(
            f"`flask {command}` needs a session of PostgreSQL: run it with a DATABASE_URL that does"
            " not lead through the pooler, and with DATABASE_POOLING=session."
        )


def one_line(error: DBAPIError | psycopg2.Error) -> str | None:
    """What an operator can do something about; None for a mistake of ours."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, UndefinedTable | UndefinedColumn):
        return "The database does not have the schema of this release: run `flask db upgrade`."
    if isinstance(original, psycopg2.OperationalError | psycopg2.InterfaceError):
        return f"The database does not serve us: {failure_reason(original)}"
    return None
