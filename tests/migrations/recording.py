"""What each migration sends to PostgreSQL, recorded while it upgrades an empty database.

Alembic's offline mode cannot print it: some migrations ask the database how far they have come, and
go on from there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask_migrate
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, Engine, event

from common.config import ROOT
from common.database.session import db

MIGRATIONS = ROOT / "common" / "database" / "migrations"


def revisions_after(released: str) -> list[str]:
    """The migrations that no release has, oldest first."""
    scripts = ScriptDirectory(str(MIGRATIONS)).iterate_revisions("heads", released)
    return [script.revision for script in scripts][::-1]


def record_upgrades(app: Flask, released: str) -> dict[str, str]:
    """Upgrade the application's empty database; revision → its SQL, transactions included."""
    with app.app_context():
        flask_migrate.upgrade(revision=released)
        scripts = {}
        for revision in revisions_after(released):
            with _recording(db.engine) as lines:
                flask_migrate.upgrade(revision=revision)
            scripts[revision] = "\n".join(lines) + "\n"
        return scripts


@contextmanager
def _recording(engine: Engine) -> Iterator[list[str]]:
    """The statements of the block, one a line of the list."""
    script = _Script()
    listeners = {
        "before_cursor_execute": script.add,
        "commit": script.commit,
        "rollback": script.roll_back,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield script.lines
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


class _Script:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self._is_in_transaction = False

    def add(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> None:
        if not cursor.connection.autocommit and not self._is_in_transaction:
            self.lines.append("begin;")
            self._is_in_transaction = True
        sent = cursor.mogrify(statement, parameters or None).decode().strip()
        self.lines.append(sent.removesuffix(";") + ";")

    def commit(self, connection: Connection) -> None:
        self._end("commit;")

    def roll_back(self, connection: Connection) -> None:
        self._end("rollback;")

    def _end(self, statement: str) -> None:
        if self._is_in_transaction:
            self.lines.append(statement)
            self._is_in_transaction = False
