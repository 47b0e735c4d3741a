"""Takes the snapshot before a change, and deletes superseded ones.

Saves within ten minutes share the first one's snapshot, a restore always takes its own; the
newest 50 are kept, and of the older ones the first of each day (UTC) for a year. So the
history of an account is bounded however often it saves, and undo still reaches back a year.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from activity import INSERT_EVENT, Action, event_parameters
from common import clock
from common.database.session import Transaction, db, execute_by_key, write_by_key
from profiles.editing.profile.document import to_document
from profiles.editing.profile.values import Profile

SHARED_FOR = timedelta(minutes=10)
NEWEST_KEPT = 50
DAILY_KEPT_FOR = timedelta(days=365)

# A save after a restore does not share the snapshot of that restore: it holds the state that was
# undone, and undoing the save must lead back to the restored one. Neither does it share one of
# before the restore, which the newest snapshot here stands for.
NEWEST_SNAPSHOT = """
    select metadata ? 'restored_from' from activity_events
    where user_id = %(user_id)s and action = %(action)s
        and "timestamp" between %(since)s and %(until)s
    order by "timestamp" desc, id desc limit 1"""
# Nearly nobody has any, and to plan their deletion in each month takes longer than all else here.
HAS_SUPERSEDED = """
    select exists (
        select from activity_events where user_id = %(user_id)s and action = %(action)s
        order by "timestamp" desc, id desc offset %(newest)s limit 1)"""
# The partition is found by the timestamp, which is therefore a part of the join.
DELETE_SUPERSEDED = text("""
    with older as (
        select id, "timestamp", row_number() over (
            partition by ("timestamp" at time zone 'UTC')::date order by "timestamp", id) as of_day
        from (
            select id, "timestamp" from activity_events
            where user_id = :user_id and action = :action
            order by "timestamp" desc, id desc offset :newest) as snapshots
    )
    delete from activity_events using older
    where activity_events.id = older.id and activity_events."timestamp" = older."timestamp"
        and (older.of_day > 1 or older."timestamp" < :daily_since)""")


def recent_values() -> dict[str, Any]:
    """The values of NEWEST_SNAPSHOT, but for the user's id."""
    now = clock.now()
    # Machines' clocks differ: a snapshot may lie ahead of this one.
    since, until = now - SHARED_FOR, now + SHARED_FOR
    return {"action": Action.PROFILE_SNAPSHOT, "since": since, "until": until}


def shares_a_snapshot(user_id: int) -> bool:
    """Whether an earlier save's snapshot stands for one of now, too: in the session's transaction."""
    # Those of this session, which may not be written yet.
    db.session.flush()
    values = recent_values() | {"user_id": user_id}
    newest = execute_by_key(db.session.connection(), values, NEWEST_SNAPSHOT)
    return bool(newest) and not newest[0][0]


def take_snapshot(
    transaction: Transaction, profile: Profile, restored_from: UUID | None = None
) -> None:
    """Record what `profile` says. `restored_from` is the id of the snapshot that is being restored, if
    one is. The caller holds the account's lock and commits.
    """
    metadata: dict[str, Any] = {"before": to_document(profile)}
    if restored_from is not None:
        metadata["restored_from"] = str(restored_from)
    event = event_parameters(Action.PROFILE_SNAPSHOT, profile.user_id, metadata, status_code=200)
    values = event | {"newest": NEWEST_KEPT}
    [(has_superseded,)] = execute_by_key(transaction, values, INSERT_EVENT, HAS_SUPERSEDED)
    if has_superseded:
        delete_superseded(transaction, profile.user_id)


def delete_superseded(transaction: Transaction, user_id: int) -> None:
    """Delete the snapshots of one account that are neither among the newest nor a day's first."""
    parameters = {
        "user_id": user_id,
        "action": Action.PROFILE_SNAPSHOT,
        "newest": NEWEST_KEPT,
        "daily_since": clock.now() - DAILY_KEPT_FOR,
    }
    write_by_key(transaction, parameters, DELETE_SUPERSEDED)
