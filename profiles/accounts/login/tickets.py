"""Tickets: who has given the right password, and owes a code.

A ticket is good once, for five minutes and five wrong codes, for one account and the password it
was given for. Only its hash is stored.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from common.clock import now
from common.database.session import db, read_rows
from profiles.accounts.models import User
from profiles.accounts.two_factor.models import LoginTicket

LIFETIME = timedelta(minutes=5)
MOST_WRONG_CODES = 5
TICKET_BYTES = 32
# Each new ticket deletes a few expired ones, so that their number stays bounded.
SWEPT_AT_ONCE = 20

READ_OWNER = """
    select u.id, u.email from login_tickets t join users u on u.id = t.user_id
    where t.ticket_hash = %(ticket_hash)s and t.expires_at > %(present)s
"""


@dataclass(frozen=True)
class Ticket:
    """What a log-in gets in place of a session while a code is owed."""

    token: str


def issue_ticket(user: User) -> Ticket:
    """A ticket for a locked account whose password has been given; the caller commits."""
    _sweep_expired()
    token = secrets.token_urlsafe(TICKET_BYTES)
    db.session.add(
        LoginTicket(
            ticket_hash=_hash_of(token),
            user_id=user.id,
            password_digest=_digest_of_password(user),
            expires_at=now() + LIFETIME,
        )
    )
    db.session.flush()
    return Ticket(token)


def owner_of(token: str) -> tuple[int, str] | None:
    """Id and email of the account whose ticket it is, not locked; None for an unknown or expired one."""
    rows = read_rows(READ_OWNER, {"ticket_hash": _hash_of(token), "present": now()})
    return (rows[0][0], rows[0][1]) if rows else None


def find_ticket(user: User, token: str) -> LoginTicket | None:
    """The ticket, where it is good for the locked account as this stands now."""
    return db.session.scalar(
        select(LoginTicket)
        .where(
            LoginTicket.ticket_hash == _hash_of(token),
            LoginTicket.user_id == user.id,
            LoginTicket.password_digest == _digest_of_password(user),
            LoginTicket.expires_at > now(),
            LoginTicket.wrong_codes < MOST_WRONG_CODES,
        )
        .execution_options(populate_existing=True)
    )


def _hash_of(token: str) -> bytes:
    # The ticket is random, so a plain hash cannot be inverted by guessing.
    return hashlib.sha256(token.encode()).digest()


def _digest_of_password(user: User) -> bytes:
    return hashlib.sha256(user.password_hash.encode()).digest()


def _sweep_expired() -> None:
    expired = (
        select(LoginTicket.ticket_hash)
        .where(LoginTicket.expires_at < now())
        .order_by(LoginTicket.expires_at)
        .limit(SWEPT_AT_ONCE)
        # Rows of other accounts: locked ones are left to their holder, so that nobody waits.
        .with_for_update(skip_locked=True)
    )
    db.session.execute(
        delete(LoginTicket)
        .where(LoginTicket.ticket_hash.in_(expired))
        .execution_options(synchronize_session=False)
    )
