"""A person's open sessions: listed, and ended one by one or all at once.

A session is a family of refresh tokens; its access tokens end with it.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from activity import Action, record
from common.clock import now
from common.database.session import db
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.models import RefreshToken, User


def open_sessions(user_id: int) -> list[RefreshToken]:
    """The present token of each session, the latest used first."""
    tokens = db.session.scalars(
        select(RefreshToken)
        .where(
            RefreshToken.user_id == user_id,
            RefreshToken.rotated_at.is_(None),
            RefreshToken.expires_at > now(),
        )
        .order_by(RefreshToken.issued_at.desc(), RefreshToken.id.desc())
    )
    latest: dict[UUID, RefreshToken] = {}
    for token in tokens:
        latest.setdefault(token.family_id, token)
    return [*latest.values()]


def end_session(user_id: int, session_id: UUID) -> bool:
    """End one session of the person; whether there was one. The caller commits."""
    user = get_locked_user(user_id)
    return bool(_end(user, RefreshToken.family_id == session_id))


def end_other_sessions(user: User, session_id: str | None) -> None:
    """End all sessions of a locked account but the one named; the caller commits."""
    if session_id is None:
        _end(user, RefreshToken.user_id == user.id)
    else:
        _end(user, RefreshToken.family_id != UUID(session_id))


def _end(user: User, condition: ColumnElement[bool]) -> int:
    ended = db.session.scalars(
        delete(RefreshToken)
        .where(RefreshToken.user_id == user.id, condition)
        .returning(RefreshToken.family_id)
        .execution_options(synchronize_session=False)
    )
    number = len(set(ended))
    if number:
        record(Action.AUTH_SESSIONS_ENDED, user.id, metadata={"count": number})
    return number
