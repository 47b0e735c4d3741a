"""The statements that reach the database while a test looks."""

from typing import Any

import psycopg2
from sqlalchemy import event

from common.database.connections.prepared_statements import KEYED_PLANS, READ_PLANS, SEARCH_PLANS
from common.database.session import autocommit_pool, db


class StatementLog:
    """Records every statement of the application, prepared ones by their text."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._engines = list(db.engines.values())
        for engine in self._engines:
            event.listen(engine, "checkout", self._record_of)
        self._prepared: dict[str, str] = {}
        self._pool = autocommit_pool()
        # New connections have nothing prepared.
        self._pool.close_idle()
        self._acquire = self._pool.acquire
        self._pool.acquire = self._acquired  # type: ignore[method-assign]  # to record what it runs

    def _acquired(self, *trusted_seconds: float) -> Any:
        connection = self._acquire(*trusted_seconds)
        self._record_of(connection)
        return connection

    def _record_of(self, connection: Any, *rest: Any) -> None:
        # The driver itself makes cursors of this class, for SQLAlchemy as for those who pass it by.
        connection.cursor_factory = type(
            "RecordingCursor",
            (psycopg2.extensions.cursor,),
            {"execute": lambda cursor, *arguments: self._record(cursor, *arguments)},
        )

    def _record(self, cursor: Any, statement: str, *values: Any) -> None:
        sent = statement
        for plans in (KEYED_PLANS, SEARCH_PLANS, READ_PLANS):
            statement = statement.removeprefix(plans)
        # What is prepared once per connection is recorded when it is executed.
        if statement.startswith("prepare "):
            _, name, _, body = statement.split(" ", 3)
            self._prepared[name] = body
        else:
            verb, name = (*statement.split(None, 2), "")[:2]
            self.texts.append(self._prepared[name] if verb == "execute" else statement)
        psycopg2.extensions.cursor.execute(cursor, sent, *values)

    def stop(self) -> list[str]:
        """The texts so far; nothing is recorded any more."""
        for engine in self._engines:
            event.remove(engine, "checkout", self._record_of)
            engine.dispose()
        del self._pool.acquire
        self._pool.close_idle()
        return self.texts
