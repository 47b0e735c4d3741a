"""The outbox as its senders see it: each waiting mail is claimed by one process at a time.

A claim is a lease in the row, not an open transaction: an SMTP conversation may take minutes, and
an erasure of the account must not wait for it. What a killed process had claimed is free again
when its lease ends, and is sent again then.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text

LEASE = timedelta(minutes=5)
FIRST_BACKOFF = timedelta(seconds=30)
LONGEST_BACKOFF = timedelta(hours=1)


class ClaimedMail(NamedTuple):
    """A mail that this process alone is sending."""

    id: int
    kind: str
    message_id: str
    recipient: str
    subject: str
    text_body: str
    html_body: str
    created_at: datetime
    attempts: int


_IS_FREE = "(leased_until is null or leased_until <= :now)"
_CLAIM = text(f"""
    update outbox_mails set leased_until = :lease, attempts = attempts + 1
    where id = (
        select id from outbox_mails
        where id > :after and next_attempt_at <= :due and {_IS_FREE}
        order by id limit 1 for update skip locked
    )
    returning {", ".join(ClaimedMail._fields)}
""")
_EXPIRE = text(f"""
    delete from outbox_mails
    where id in (
        select id from outbox_mails
        where next_attempt_at <= :now and give_up_at <= :now and {_IS_FREE}
        for update skip locked
    )
    returning kind
""")
_POSTPONE = text("""
    update outbox_mails set leased_until = null, next_attempt_at = least(:next, give_up_at)
    where id = :id
""")
_RELEASE = text(
    "update outbox_mails set leased_until = null, attempts = attempts - 1 where id = :id"
)


def claim(engine: Engine, now: datetime, due: datetime, after: int = 0) -> ClaimedMail | None:
    """Lease the next mail behind the id `after` whose attempt was due by then."""
    values = {"now": now, "due": due, "after": after, "lease": now + LEASE}
    with engine.begin() as connection:
        row = connection.execute(_CLAIM, values).one_or_none()
    return ClaimedMail(*row) if row else None


def delete_mail(engine: Engine, mail_id: int) -> None:
    """Once it is sent or given up: its text must not stay."""
    with engine.begin() as connection:
        connection.execute(text("delete from outbox_mails where id = :id"), {"id": mail_id})


def postpone(engine: Engine, mail: ClaimedMail, now: datetime) -> None:
    """End the lease; the next attempt comes later the more there were."""
    backoff = min(FIRST_BACKOFF * 2 ** min(mail.attempts - 1, 20), LONGEST_BACKOFF)
    with engine.begin() as connection:
        connection.execute(_POSTPONE, {"id": mail.id, "next": now + backoff})


def release(engine: Engine, mail: ClaimedMail) -> None:
    """End the lease as if the mail had not been claimed."""
    with engine.begin() as connection:
        connection.execute(_RELEASE, {"id": mail.id})


def give_up_expired(engine: Engine, now: datetime) -> list[str]:
    """Delete what could not be sent in its time; the kinds of what is gone."""
    with engine.begin() as connection:
        return list(connection.scalars(_EXPIRE, {"now": now}))


def count_waiting(connection: Connection) -> int:
    """How many mails the outbox holds."""
    return connection.scalar(text("select count(*) from outbox_mails")) or 0
