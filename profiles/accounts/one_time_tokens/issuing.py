"""Make a token and store its hash; delete tokens that are to work no more."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select

from common.clock import now
from common.database.session import db
from profiles.accounts.fields.email import email_key
from profiles.accounts.models import User
from profiles.accounts.one_time_tokens.models import OneTimeToken, Purpose

LIFETIMES = {
    Purpose.PASSWORD_RESET: timedelta(hours=1),
    Purpose.VERIFY_EMAIL: timedelta(hours=24),
    Purpose.CONFIRM_EMAIL: timedelta(hours=24),
    Purpose.UNDO_EMAIL: timedelta(hours=72),
}
SECRET_BYTES = 32
# Each new token deletes a few expired ones, so that their number stays bounded.
SWEPT_AT_ONCE = 20


def issue_token(user: User, purpose: Purpose, email: str) -> str:
    """A new token (43 characters of base64url) that is to be sent to `email` and nowhere else.

    The account is locked. Tokens issued before go on working; the caller commits.
    """
    token, issued_at = secrets.token_urlsafe(SECRET_BYTES), now()
    _sweep_expired()
    db.session.add(
        OneTimeToken(
            user_id=user.id,
            purpose=purpose.value,
            token_hash=hash_of(token),
            email=email,
            email_key=email_key(email),
            issued_at=issued_at,
            expires_at=issued_at + LIFETIMES[purpose],
        )
    )
    db.session.flush()
    return token


def hash_of(token: str) -> bytes:
    """What the database stores: the token is random, so a plain SHA-256 cannot be inverted."""
    return hashlib.sha256(token.encode()).digest()


def revoke_tokens(user: User, purposes: Iterable[Purpose]) -> None:
    """Delete a locked account's tokens of these purposes; the caller commits."""
    _delete(OneTimeToken.user_id == user.id, OneTimeToken.purpose.in_([*purposes]))


def is_reserved(email: str, user_id: int) -> bool:
    """Whether another account than `user_id` may still undo its change from this address."""
    reserved = select(OneTimeToken.id).where(
        OneTimeToken.email_key == email_key(email),
        OneTimeToken.purpose == Purpose.UNDO_EMAIL,
        OneTimeToken.expires_at > now(),
        OneTimeToken.user_id != user_id,
    )
    return db.session.scalar(reserved.limit(1)) is not None


def _sweep_expired() -> None:
    expired = (
        select(OneTimeToken.id)
        .where(OneTimeToken.expires_at < now())
        .order_by(OneTimeToken.expires_at)
        .limit(SWEPT_AT_ONCE)
        # Rows of other accounts: locked ones are left to their holder, so that nobody waits.
        .with_for_update(skip_locked=True)
    )
    _delete(OneTimeToken.id.in_(expired))


def _delete(*conditions: ColumnElement[bool]) -> None:
    db.session.execute(
        delete(OneTimeToken).where(*conditions).execution_options(synchronize_session=False)
    )
