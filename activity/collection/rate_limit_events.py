"""Records that a user's triggers were refused: at most one event a minute, however many calls."""

import time
from datetime import timedelta

import structlog
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from activity.catalogue import Action
from activity.recording.events import record
from common import clock
from common.database.session import db
from common.http.auth import required_user_id
from common.http.limits.moving_window import Window

log = structlog.get_logger()

AT_MOST_EVERY = timedelta(minutes=1)
# How long a process does not query the database again about one user.
RECHECK_SECONDS = 2.0
MOST_CACHED_USERS = 10_000

EXTENSION = "activity_rate_limit_events"

# The row's lock makes the workers agree, without Redis, which may be away.
CLAIM_MINUTE = text("""
    insert into activity_receipts as r
        (caller, key, user_id, event_id, event_timestamp, received_at)
    select :caller, 'rate_limited', id, :event_id, :now, :now from users where id = :user_id
    on conflict (caller, key) do update set
        event_id = excluded.event_id,
        event_timestamp = excluded.event_timestamp,
        received_at = excluded.received_at
    where r.received_at <= :a_minute_ago
    returning r.received_at
""")


def record_rate_limited(breached: Window) -> None:
    """Record that a trigger was refused, unless that was recorded within the last minute."""
    user_id = required_user_id()
    if _checked_recently(user_id):
        return
    try:
        now = clock.now()
        event = record(
            Action.TRIGGER_RATE_LIMITED,
            user_id,
            metadata={"limit": str(breached.rate)},
            status_code=429,
        )
        with db.session.no_autoflush:
            claimed = db.session.scalar(
                CLAIM_MINUTE,
                {
                    "caller": f"user:{user_id}",
                    "user_id": user_id,
                    "event_id": event.id,
                    "now": now,
                    "a_minute_ago": now - AT_MOST_EVERY,
                },
            )
        if claimed is None:
            db.session.expunge(event)
        db.session.commit()
    except SQLAlchemyError as error:
        # The client gets its 429 all the same.
        db.session.rollback()
        log.warning("rate limit event not recorded", error=type(error).__name__)


def _checked_recently(user_id: int) -> bool:
    """Whether this process has queried the database about the user within RECHECK_SECONDS."""
    checked_at: dict[int, float] = current_app.extensions.setdefault(EXTENSION, {})
    now = time.monotonic()
    if now - checked_at.get(user_id, float("-inf")) < RECHECK_SECONDS:
        return True
    if len(checked_at) >= MOST_CACHED_USERS:
        checked_at.clear()
    checked_at[user_id] = now
    return False
