"""What waits in the outbox."""

from sqlalchemy import select

from common.database.session import db
from common.mail.models import OutboxMail


def waiting_mails(user_id: int | None = None) -> list[OutboxMail]:
    """The waiting mails, of one account or of all, oldest first, as detached rows."""
    query = select(OutboxMail).order_by(OutboxMail.id)
    if user_id is not None:
        query = query.where(OutboxMail.user_id == user_id)
    rows = list(db.session.scalars(query.execution_options(populate_existing=True)))
    for row in rows:
        db.session.expunge(row)
    db.session.rollback()
    return rows
