"""Keys of the rate limits of refreshes, and who is exempt from them."""

from profiles.accounts.sessions.cookie import presented_token
from profiles.accounts.sessions.refresh_tokens import family_of, is_token


def presented_session() -> str:
    """The session that the caller's refresh token names; empty without a well-formed one."""
    token = presented_token()
    return f"session:{family_of(token)}" if is_token(token) else ""


def is_without_token() -> bool:
    """Whether a refresh carries no well-formed token: refused without a query, and not counted."""
    return not is_token(presented_token())
