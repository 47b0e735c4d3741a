"""Put a mail into the outbox, in the transaction of what it speaks of."""

from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import NamedTuple

from flask import current_app
from sqlalchemy import delete, event, insert, select
from sqlalchemy.orm import Session

from common import clock
from common.config.mail_settings import NO_MAIL
from common.database.session import db
from common.mail.models import OutboxMail
from common.mail.sender import mail_sender

GIVE_UP_AFTER = timedelta(days=3)
# So that nobody fills the outbox while the mail server is away.
MOST_WAITING_PER_ACCOUNT = 20
_WAKES = "wakes_mail_sender"


class Content(NamedTuple):
    """A rendered mail: a subject of one line, and the same text in two forms."""

    subject: str
    text: str
    html: str


def put_mail(
    user_id: int,
    kind: str,
    recipient: str,
    content: Content,
    valid_until: datetime | None = None,
) -> None:
    """Store a mail that is sent after the caller's commit, and never if it rolls back.

    It replaces a waiting one of its kind to the same mailbox, and beyond MOST_WAITING_PER_ACCOUNT
    the account's oldest. What was not sent by `valid_until`, or within GIVE_UP_AFTER, is given up.
    """
    if current_app.config["MAIL_URL"] == NO_MAIL:
        return
    now = clock.now()
    _make_room(user_id, kind, recipient)
    db.session.execute(
        insert(OutboxMail).values(
            user_id=user_id,
            kind=kind,
            message_id=make_msgid(domain=current_app.config["MAIL_FROM"].domain),
            recipient=recipient,
            subject=content.subject,
            text_body=content.text,
            html_body=content.html,
            created_at=now,
            give_up_at=min(now + GIVE_UP_AFTER, valid_until or now + GIVE_UP_AFTER),
            next_attempt_at=now,
        )
    )
    db.session().info[_WAKES] = mail_sender()


@event.listens_for(db.session, "after_commit")
def _wake_sender(session: Session) -> None:
    if session.in_nested_transaction():
        # Only a savepoint: nobody else sees the mail yet.
        return
    sender = session.info.pop(_WAKES, None)
    if sender is not None:
        sender.wake()


def waiting_mails(user_id: int) -> list[OutboxMail]:
    """The account's mails that are not sent yet, oldest first."""
    mails = select(OutboxMail).where(OutboxMail.user_id == user_id).order_by(OutboxMail.id)
    return list(db.session.scalars(mails))


def _make_room(user_id: int, kind: str, recipient: str) -> None:
    oldest = (
        select(OutboxMail.id)
        .where(OutboxMail.user_id == user_id)
        .order_by(OutboxMail.id.desc())
        .offset(MOST_WAITING_PER_ACCOUNT - 1)
    )
    is_same = (OutboxMail.kind == kind) & (OutboxMail.recipient == recipient)
    is_oldest = OutboxMail.id.in_(oldest.scalar_subquery())
    db.session.execute(
        delete(OutboxMail).where(OutboxMail.user_id == user_id, is_same | is_oldest),
        execution_options={"synchronize_session": False},
    )
