"""Sessions: opened by a log-in, carried on by rotating their refresh token, closed.

A session is a family of refresh tokens. Only recently rotated tokens are stored, so a known family
with an unknown token means a token that was rotated and deleted since.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import ColumnElement, delete, func, select

from activity import Action, record
from activity.recording.request_context import current_request_context
from common.clock import now
from common.database.session import db, read_rows
from common.http.auth import issue_access_token
from profiles.accounts.lookup import find_locked_user
from profiles.accounts.models import RefreshToken, User
from profiles.accounts.sessions.refresh_tokens import (
    decrypt_successor,
    encrypt_successor,
    family_of,
    hash_of,
    is_token,
    make_token,
)

# Each new token deletes a few expired ones, so that their number stays bounded.
SWEPT_AT_ONCE = 20
# Not as soon as they expire: a request that holds one may be under way, on another clock.
SWEPT_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Session:
    """A client's tokens after a log-in or refresh: `access` a JWT, `refresh` opaque."""

    user: User
    access: str
    refresh: str
    # Of the refresh token.
    expires_at: datetime


READ_OWNER = "select user_id from refresh_tokens where family_id = %(family_id)s::uuid limit 1"


def open_session(user: User) -> Session:
    """Start a family of tokens for an authenticated user; the caller commits.

    The account's longest unused sessions end where there would be too many.
    """
    _end_oldest_sessions(user)
    if user.unverified_login_at is not None:
        user.unverified_login_at = now()
    return _issue(user, uuid4(), now())


def rotate(token: str) -> Session | None:
    """Exchange a refresh token for its successor; None when its session is over.

    The caller commits. Presented again within the grace, as by several tabs at once, a token gets
    the same successor. Later it has been copied, and the whole family is revoked.
    """
    user = _lock_owner(token)
    if user is None or not user.is_active:
        return None
    family_id, timestamp = family_of(token), now()
    grace_began = timestamp - timedelta(seconds=current_app.config["REFRESH_GRACE_SECONDS"])
    stored = _find(token)
    if stored is None or (stored.rotated_at is not None and stored.rotated_at < grace_began):
        if _revoke_family(user, family_id):
            record(Action.AUTH_REFRESH_REUSED, user.id)
        return None
    started_at = stored.session_started_at or stored.issued_at
    if stored.expires_at <= timestamp or started_at + _longest_session() <= timestamp:
        return None
    _sweep(RefreshToken.family_id == family_id, RefreshToken.rotated_at < grace_began)
    if stored.rotated_at is None:
        stored.rotated_at = timestamp
    elif stored.successor is not None:
        return _newest_session(user, token, stored)
    session = _issue(user, family_id, started_at)
    stored.successor = encrypt_successor(token, session.refresh)
    db.session.flush()
    return session


def close_session(token: str) -> None:
    """Revoke the token's family, if there is one; the caller commits."""
    user = _lock_owner(token)
    if user is not None and _revoke_family(user, family_of(token)):
        record(Action.AUTH_LOGOUT, user.id)


def revoke_sessions(user: User) -> None:
    """End all sessions of an account whose row is locked."""
    _sweep(RefreshToken.user_id == user.id)


def _newest_session(user: User, token: str, stored: RefreshToken) -> Session | None:
    """The end of the chain of successors: each may have been rotated within the grace in turn."""
    newest: RefreshToken | None = stored
    while newest is not None and newest.successor is not None:
        token = decrypt_successor(token, newest.successor)
        newest = _find(token)
    return None if newest is None else _session(user, token, newest)


def _find(token: str) -> RefreshToken | None:
    return db.session.scalar(select(RefreshToken).where(RefreshToken.token_hash == hash_of(token)))


def _lock_owner(token: str) -> User | None:
    """The locked account whose session the token belongs, or once belonged, to."""
    if not is_token(token):
        return None
    owners = read_rows(READ_OWNER, {"family_id": str(family_of(token))})
    return find_locked_user(owners[0][0]) if owners else None


def _revoke_family(user: User, family_id: UUID) -> bool:
    """Delete the family outright: a token merely marked could pass for one within its grace."""
    gone = db.session.execute(
        delete(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.user_id == user.id)
        .returning(RefreshToken.id)
    )
    return gone.first() is not None


def _longest_session() -> timedelta:
    return timedelta(days=current_app.config["SESSION_DAYS"])


def _issue(user: User, family_id: UUID, started_at: datetime) -> Session:
    issued_at = now()
    token = make_token(family_id)
    unused_until = issued_at + timedelta(days=current_app.config["REFRESH_TOKEN_DAYS"])
    _sweep_expired(issued_at)
    sender = current_request_context()
    stored = RefreshToken(
        user_id=user.id,
        family_id=family_id,
        token_hash=hash_of(token),
        issued_at=issued_at,
        expires_at=min(unused_until, started_at + _longest_session()),
        session_started_at=started_at,
        ip_address=sender.ip_address,
        user_agent=sender.user_agent,
    )
    db.session.add(stored)
    db.session.flush()
    return _session(user, token, stored)


def _session(user: User, token: str, stored: RefreshToken) -> Session:
    access = issue_access_token(user.id, session_id=str(stored.family_id))
    return Session(user, access, token, stored.expires_at)


def _end_oldest_sessions(user: User) -> None:
    """Leave room for one more session of the account."""
    oldest = (
        select(RefreshToken.family_id)
        .where(RefreshToken.user_id == user.id)
        .group_by(RefreshToken.family_id)
        .order_by(func.max(RefreshToken.issued_at).desc())
        .offset(current_app.config["SESSIONS_PER_ACCOUNT"] - 1)
    )
    _sweep(RefreshToken.user_id == user.id, RefreshToken.family_id.in_(oldest))


def _sweep_expired(timestamp: datetime) -> None:
    expired = (
        select(RefreshToken.id)
        .where(RefreshToken.expires_at < timestamp - SWEPT_AFTER)
        .order_by(RefreshToken.expires_at)
        .limit(SWEPT_AT_ONCE)
        # Rows of other accounts: locked ones are left to their holder, so that nobody waits.
        .with_for_update(skip_locked=True)
    )
    _sweep(RefreshToken.id.in_(expired))


def _sweep(*conditions: ColumnElement[bool]) -> None:
    db.session.execute(
        delete(RefreshToken).where(*conditions).execution_options(synchronize_session=False)
    )
