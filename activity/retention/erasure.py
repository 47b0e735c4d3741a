"""Deletes all that the log holds about a person."""

from sqlalchemy import text

from activity.catalogue import Action
from common.database.session import db

ERASE_BATCH_SIZE = 20_000
ERASE_RECEIPTS = text("""
    delete from activity_receipts where ctid = any(array(
        select ctid from activity_receipts where user_id = :user_id limit :size))""")


def erase_events(user_id: int) -> None:
    """Delete all that is held about a person, in the caller's transaction.

    In batches along the page index: a million events in one statement would outlast the
    statement timeout, as would the foreign key's cascade.
    """
    oldest_batch = text(
        'select max(batch.at) from (select "timestamp" as at from activity_events'
        ' where user_id = :user_id order by "timestamp", id limit :size) as batch'
    )
    delete = text('delete from activity_events where user_id = :user_id and "timestamp" <= :until')
    values = {"user_id": user_id, "size": ERASE_BATCH_SIZE}
    while until := db.session.scalar(oldest_batch, values):
        db.session.execute(delete, {"user_id": user_id, "until": until})
    connection = db.session.connection()
    while connection.execute(ERASE_RECEIPTS, values).rowcount >= ERASE_BATCH_SIZE:
        pass
    # Views of the person's profile by visitors; the counts of lists and searches name no one.
    viewed = text("delete from activity_daily_counts where action = :action and entity_id = :id")
    db.session.execute(viewed, {"action": Action.PROFILE_VIEWED, "id": str(user_id)})
