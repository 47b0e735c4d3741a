"""Sessions: log in, rotate the refresh token, log out.

A refresh token is 16 bytes that name its family (the tokens of one log-in) and 32 secret bytes;
the database stores a hash of the whole. Only recently rotated tokens are stored, so a known family
with an unknown token means a token that was rotated and deleted since.
"""

import hashlib
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import ColumnElement, delete, select

from activity import Action, record
from common.clock import now
from common.database.session import db, read_rows
from common.http.auth import issue_access_token
from common.http.errors import BadRequest
from common.http.problem_codes import ProblemCode
from profiles.accounts.fields import email_key
from profiles.accounts.lookup import find_locked_user
from profiles.accounts.models import RefreshToken, User
from profiles.accounts.passwords import (
    hash_password,
    is_outdated,
    is_password_in_equal_time,
)

TOKEN = re.compile(r"[A-Za-z0-9_-]{64}")
FAMILY_BYTES = 16
SECRET_BYTES = 32
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


READ_CREDENTIALS = "select id, password_hash, is_active from users where email_key = %(email_key)s"
READ_OWNER = "select user_id from refresh_tokens where family_id = %(family_id)s::uuid limit 1"


def log_in(email: str, password: str) -> Session:
    """Open a session; the caller commits.

    An unknown email, a wrong password and an inactive account take the same work and raise the
    same BadRequest.
    """
    # Neither a connection nor a lock is held while the password is hashed.
    accounts = read_rows(READ_CREDENTIALS, {"email_key": email_key(email)})
    user_id, password_hash, is_active = accounts[0] if accounts else (None, None, False)
    is_right = is_password_in_equal_time(password, password_hash)
    if user_id is None or not is_right or not is_active:
        raise _wrong_credentials()
    fresh_hash = hash_password(password) if is_outdated(password_hash) else None
    user = find_locked_user(user_id)
    if user is None or not user.is_active:
        raise _wrong_credentials()
    if fresh_hash:
        user.password_hash = fresh_hash
    record(Action.AUTH_LOGIN, user.id)
    return open_session(user)


def _wrong_credentials() -> BadRequest:
    return BadRequest(
        "The email or the password is not right.",
        code=ProblemCode.INVALID_CREDENTIALS,
        error="invalid_grant",
    )


def open_session(user: User) -> Session:
    """Start a family of tokens for an authenticated user; the caller commits."""
    return _issue(user, uuid4())


def is_token(token: str) -> bool:
    """Whether the text has the form of a refresh token; asks no database."""
    return TOKEN.fullmatch(token) is not None


def rotate(token: str) -> Session | None:
    """Exchange a refresh token for a fresh one; None when its session is over. The caller commits.

    A token already rotated gets a sibling for a few seconds more: several tabs may refresh at
    once. Later it is in the hands of two, and the whole family dies.
    """
    user = _lock_owner(token)
    if user is None or not user.is_active:
        return None
    family_id, timestamp = _family(token), now()
    grace_began = timestamp - timedelta(seconds=current_app.config["REFRESH_GRACE_SECONDS"])
    stored = db.session.scalar(select(RefreshToken).where(RefreshToken.token_hash == _hash(token)))
    if stored is None or (stored.rotated_at is not None and stored.rotated_at < grace_began):
        if _revoke_family(user, family_id):
            record(Action.AUTH_REFRESH_REUSED, user.id)
        return None
    if stored.expires_at <= timestamp:
        return None
    if stored.rotated_at is None:
        stored.rotated_at = timestamp
    _sweep(RefreshToken.family_id == family_id, RefreshToken.rotated_at < grace_began)
    return _issue(user, family_id)


def close_session(token: str) -> None:
    """Revoke the token's family, if there is one; the caller commits."""
    user = _lock_owner(token)
    if user is not None and _revoke_family(user, _family(token)):
        record(Action.AUTH_LOGOUT, user.id)


def revoke_sessions(user: User) -> None:
    """End all sessions of an account whose row is locked."""
    db.session.execute(delete(RefreshToken).where(RefreshToken.user_id == user.id))


def _lock_owner(token: str) -> User | None:
    """The locked account whose session the token belongs, or once belonged, to."""
    if not is_token(token):
        return None
    owners = read_rows(READ_OWNER, {"family_id": str(_family(token))})
    return find_locked_user(owners[0][0]) if owners else None


def _revoke_family(user: User, family_id: UUID) -> bool:
    """Delete the family outright: a token merely marked could pass for one within its grace."""
    gone = db.session.execute(
        delete(RefreshToken)
        .where(RefreshToken.family_id == family_id, RefreshToken.user_id == user.id)
        .returning(RefreshToken.id)
    )
    return gone.first() is not None


def _issue(user: User, family_id: UUID) -> Session:
    issued_at = now()
    token = urlsafe_b64encode(family_id.bytes + secrets.token_bytes(SECRET_BYTES)).decode()
    _sweep_expired(issued_at)
    db.session.add(
        RefreshToken(
            user_id=user.id,
            family_id=family_id,
            token_hash=_hash(token),
            issued_at=issued_at,
            expires_at=issued_at + timedelta(days=current_app.config["REFRESH_TOKEN_DAYS"]),
        )
    )
    db.session.flush()
    return Session(user, issue_access_token(user.id), token)


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


def _family(token: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(token)[:FAMILY_BYTES])


def _hash(token: str) -> bytes:
    # The secret is random, so a plain hash cannot be inverted by guessing.
    return hashlib.sha256(token.encode()).digest()
