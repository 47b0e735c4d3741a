"""Accounts deactivated and reactivated by the operator."""

from common.database.session import db
from profiles.accounts.models import User
from profiles.accounts.sessions.lifecycle import revoke_sessions


def deactivate(user: User) -> None:
    """Deactivate a locked account: no log-in, token or public row from the commit on."""
    user.is_active = False
    revoke_sessions(user)
    db.session.flush()


def activate(user: User) -> None:
    """Reactivate a locked account; its owner logs in again."""
    user.is_active = True
    db.session.flush()
