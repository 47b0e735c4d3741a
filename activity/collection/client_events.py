"""A client's event as a row, and the account it is stored for."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, text

from activity.recording.bulk_insert import QueuedEvent
from activity.recording.events import event_values
from activity.recording.request_context import current_request_context
from common.clock import isoformat
from common.http.problems.errors import Unauthorized
from common.translation import lazy_gettext


def client_event(user_id: int | None, given: Mapping[str, Any]) -> QueuedEvent:
    """A client's event as a row. The client's clock, if given, goes to the metadata.

    Of a visitor without an account neither browser nor referring page is stored.
    """
    metadata = dict(given["metadata"])
    if "timestamp" in given:
        metadata["client_timestamp"] = isoformat(given["timestamp"])
    context = current_request_context()
    if user_id is None:
        context = context._replace(user_agent=None, referrer=None)
    values = event_values(
        given["action"], user_id, {}, "client", given["entity_type"], given["entity_id"], context
    )
    values["details"] = orjson.dumps(metadata).decode()
    return QueuedEvent(**values, duration_ms=None, status_code=None)


def account_missing() -> Unauthorized:
    """The answer to a token whose account was erased after the token was checked."""
    return Unauthorized(
        lazy_gettext("The account of this token is no longer active."),
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def lock_account(connection: Connection, user_id: int) -> None:
    """Keep the account from being erased until this transaction ends. Raises Unauthorized."""
    statement = text("select 1 from users where id = :id for key share")
    if connection.scalar(statement, {"id": user_id}) is None:
        raise account_missing()
