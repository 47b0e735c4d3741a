"""Whether a caller may act: the account is active and the token's session open. Asked with every call."""

from common.database.connections.prepared_statements import KEYED_PLANS
from common.database.session import read_rows

# Conditions on a row of `users`.
IS_ACTIVE = "users.is_active"
FIND_ACTIVE = f"select from users where id = %(user_id)s and {IS_ACTIVE}"
HAS_OPEN_SESSION = f"""{IS_ACTIVE} and exists (
    select from refresh_tokens
    where family_id = %(caller_session)s::uuid and refresh_tokens.user_id = users.id
)"""
IS_OPEN = f"select from users where id = %(user_id)s and {HAS_OPEN_SESSION}"


def may_act(user_id: int) -> bool:
    """Whether the account exists and is active, by its primary key."""
    return bool(read_rows(FIND_ACTIVE, {"user_id": user_id}, KEYED_PLANS))


def is_open(user_id: int, session_id: str) -> bool:
    """Whether the session is open and its account may act: checked with every access token."""
    values = {"user_id": user_id, "caller_session": session_id}
    return bool(read_rows(IS_OPEN, values, KEYED_PLANS))
