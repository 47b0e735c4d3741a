"""Stores events directly, where a test needs a past or two events of one timestamp."""

from datetime import UTC, datetime

import orjson
from sqlalchemy import text

from activity.recording.bulk_insert import QueuedEvent, insert_events
from activity.uuid_time import event_id
from common.database.session import db

NOON = datetime(2026, 2, 15, 12, tzinfo=UTC)


def event(user_id, timestamp=NOON, **values):
    """A row to be; a test mentions only what matters to it."""
    columns = {
        "id": event_id(timestamp),
        "timestamp": timestamp,
        "user_id": user_id,
        "action": "lesson.opened",
        "entity_type": None,
        "entity_id": None,
        "source": "client",
        "duration_ms": None,
        "status_code": None,
        "referrer": None,
        "ip_address": None,
        "user_agent": None,
    }
    columns["details"] = orjson.dumps(values.pop("metadata", {})).decode()
    return QueuedEvent(**{**columns, **values})


def put(*events):
    """Store rows and commit; their ids, in the order given."""
    insert_events(db.session.connection(), events)
    db.session.commit()
    return [str(each.id) for each in events]


def count(where="true", **values):
    """How many events there are."""
    found = db.session.scalar(text(f"select count(*) from activity_events where {where}"), values)
    db.session.rollback()
    return found


def visits():
    """The daily counts: how often, by action and entity id."""
    rows = db.session.execute(
        text(
            "select action, entity_id, cast(sum(number) as int) from activity_daily_counts group by 1, 2"
        )
    ).all()
    db.session.rollback()
    return {(action, entity_id): number for action, entity_id, number in rows}
