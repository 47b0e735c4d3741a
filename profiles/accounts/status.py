"""Whether an account may act: asked with every request, changed by the operator."""

from sqlalchemy import bindparam, select

from common.db import db, read_connection
from profiles.accounts.models import User
from profiles.accounts.sessions import revoke_sessions

IS_ACTIVE = select(User.is_active).where(User.id == bindparam("user_id"))


def may_act(user_id: int) -> bool:
    """Whether the account exists and is active, by its primary key."""
    with read_connection() as connection:
        return connection.scalar(IS_ACTIVE, {"user_id": user_id}) is True


def deactivate(user: User) -> None:
    """Stop a locked account: no log-in, no token, no public row from the commit on."""
    user.is_active = False
    revoke_sessions(user)
    db.session.flush()


def activate(user: User) -> None:
    """Let a locked account act again; its owner logs in anew."""
    user.is_active = True
    db.session.flush()
