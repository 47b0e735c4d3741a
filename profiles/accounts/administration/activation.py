"""Whether an account may act: checked with every request, changed by the operator."""

from common.database.connections.prepared_statements import KEYED_PLANS
from common.database.session import db, read_rows
from profiles.accounts.models import User
from profiles.accounts.sessions.lifecycle import revoke_sessions

# A condition on a row of `users`.
IS_ACTIVE = "users.is_active"
FIND_ACTIVE = f"select from users where id = %(user_id)s and {IS_ACTIVE}"


def may_act(user_id: int) -> bool:
    """Whether the account exists and is active, by its primary key."""
    return bool(read_rows(FIND_ACTIVE, {"user_id": user_id}, KEYED_PLANS))


def deactivate(user: User) -> None:
    """Deactivate a locked account: no log-in, token or public row from the commit on."""
    user.is_active = False
    revoke_sessions(user)
    db.session.flush()


def activate(user: User) -> None:
    """Reactivate a locked account; its owner logs in again."""
    user.is_active = True
    db.session.flush()
