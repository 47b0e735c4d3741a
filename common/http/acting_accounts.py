"""Whether the account that calls may act: asked of PostgreSQL with every call, so that a deactivation
or the end of a session holds at once.

Accounts are another domain's, which registers how to ask. A view whose first statement asks too
saves the exchange that a question of its own takes: its login is `confirmed_by_statement`. Until that
statement was read, the caller is not confirmed, and is asked about alone before any other answer.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from flask import Flask, current_app, g
from flask_jwt_extended.exceptions import UserLookupError

AccountCheck = Callable[[int], bool]
SessionCheck = Callable[[int, str], bool]

ACCOUNT_CHECK = "account_check"
SESSION_CHECK = "session_check"
CONDITIONS = "account_conditions"
VERIFIED = "verified_tokens"
MAX_VERIFIED = 10_000


class Conditions(NamedTuple):
    """The same two questions as conditions on a row of `users`; `open_session` names its session as
    `%(caller_session)s`."""

    active: str
    open_session: str


class VerifiedToken(NamedTuple):
    """The claims of a verified token: the user's id, its expiry in seconds since 1970, its session."""

    user_id: int
    expires_at: float
    session_id: str | None = None


def init_app(app: Flask) -> None:
    app.extensions[VERIFIED] = {}


def set_account_check(
    app: Flask,
    check: AccountCheck,
    session_check: SessionCheck | None = None,
    conditions: Conditions | None = None,
) -> None:
    """Register the accounts' answers to "may this user id act?", and "in this session?".

    The latter is called, instead of the former, for tokens that name their session.
    """
    app.extensions[ACCOUNT_CHECK] = check
    app.extensions[SESSION_CHECK] = session_check
    app.extensions[CONDITIONS] = conditions


def may_act(user_id: int, session_id: str | None = None) -> bool:
    """Whether the account may act, in its session if one is named."""
    session_check: SessionCheck | None = current_app.extensions.get(SESSION_CHECK)
    if session_id is not None and session_check is not None:
        return session_check(user_id, session_id)
    check: AccountCheck = current_app.extensions[ACCOUNT_CHECK]
    return check(user_id)


def verified_tokens() -> dict[str, VerifiedToken]:
    """The tokens whose signature this process has verified; never more than MAX_VERIFIED."""
    tokens: dict[str, VerifiedToken] = current_app.extensions[VERIFIED]
    return tokens


def find_verified(token: str) -> VerifiedToken | None:
    """What was verified of the token, if it was and has not expired since."""
    known = verified_tokens().get(token)
    return known if known is not None and known.expires_at > time.time() else None


def remember_verified(token: str, verified: VerifiedToken) -> None:
    tokens = verified_tokens()
    if len(tokens) >= MAX_VERIFIED:
        tokens.clear()
    tokens[token] = verified


def act_unconfirmed(token: str, verified: VerifiedToken) -> bool:
    """Let the caller go on, whose token was verified before, until a statement has asked about them;
    False where nothing is registered that a statement could ask."""
    if current_app.extensions.get(CONDITIONS) is None:
        return False
    g.unconfirmed = token
    g.user_id, g.session_id = verified.user_id, verified.session_id
    return True


def is_confirmed() -> bool:
    """Whether the present caller may act, as far as this request has asked."""
    return g.get("unconfirmed") is None


def caller_condition() -> str:
    """The condition on a row of `users`, found by the caller's id, that they may act.

    Its values are `caller_values`.
    """
    conditions: Conditions | None = current_app.extensions.get(CONDITIONS)
    if conditions is None:
        return "true"
    return conditions.open_session if g.get("session_id") else conditions.active


def caller_values() -> dict[str, Any]:
    return {"caller_id": g.get("user_id"), "caller_session": g.get("session_id")}


def confirm() -> None:
    """Note that a statement with `caller_condition` has found the caller."""
    g.unconfirmed = None


def confirm_caller() -> None:
    """Ask about the caller alone, unless a statement has. Raises UserLookupError."""
    if is_confirmed():
        return
    if not may_act(g.user_id, g.session_id):
        refuse_unconfirmed()
    confirm()


def refuse_unconfirmed() -> NoReturn:
    """Refuse the caller whom a statement with `caller_condition` has not found."""
    refuse_caller(g.unconfirmed, g.user_id, g.session_id)


def forget_unconfirmed() -> None:
    """Have an answer say nothing of the caller of whom could not be found out whether they may act."""
    if not is_confirmed():
        _forget(g.unconfirmed)


def _forget(token: str) -> None:
    """The token's next call is verified anew, and so asked about before it is counted: whoever goes on
    with one after its session spends no more of its owner's limits than by calls at the same moment.
    """
    verified_tokens().pop(token, None)
    # Nothing that the request has counted meanwhile is announced to them.
    for name in ("unconfirmed", "user_id", "session_id", "windows", "byte_budgets"):
        g.pop(name, None)


def refuse_caller(token: str, user_id: int, session_id: str | None) -> NoReturn:
    """Raises UserLookupError, and forgets the token."""
    _forget(token)
    claims = {"sub": user_id} | ({"sid": session_id} if session_id else {})
    raise UserLookupError("The account may not act.", {}, claims)
