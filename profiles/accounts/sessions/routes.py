"""Endpoints of the caller's account: password and sessions."""

from typing import Any
from uuid import UUID

from common.clock import isoformat
from common.database.session import db
from common.http.api import Blueprint
from common.http.auth import current_session_id, required_user_id
from common.http.problems.errors import NotFound
from common.http.problems.schema import Problem
from common.translation import lazy_gettext
from profiles.accounts import examples
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.models import RefreshToken
from profiles.accounts.passwords.change import change_password
from profiles.accounts.sessions.devices import device_in_words
from profiles.accounts.sessions.open_sessions import end_other_sessions, end_session, open_sessions
from profiles.accounts.sessions.schemas import OpenSessions, PasswordChange

PROBLEM: dict[str, Any] = {"schema": Problem, "content_type": "application/problem+json"}

account = Blueprint(
    "account",
    __name__,
    url_prefix="/api/me",
    description="The caller's password and address, and the sessions that are open.",
)


@account.route("/password/", methods=["POST"])
@account.login("required")
@account.limit("PASSWORD_LIMIT")
@account.arguments(PasswordChange, example=examples.PASSWORD_CHANGE)
@account.response(204)
@account.alt_response(
    400, description="Not the present password", example=examples.WRONG_PASSWORD, **PROBLEM
)
def change_own_password(body: dict[str, Any]) -> str:
    """Change the password

    Every other session of the caller ends, its access tokens included.
    """
    change_password(required_user_id(), **body, session_id=current_session_id())
    db.session.commit()
    return ""


@account.route("/sessions/", methods=["GET"])
@account.login("required")
@account.response(200, OpenSessions, example=examples.OPEN_SESSIONS)
def list_own_sessions() -> tuple[dict[str, Any], dict[str, str]]:
    """The caller's open sessions

    Each is one log-in; the latest used stands first.
    """
    sessions = [_describe(token) for token in open_sessions(required_user_id())]
    return {"results": sessions}, {"Cache-Control": "private, no-store"}


@account.route("/sessions/", methods=["DELETE"])
@account.login("required")
@account.limit("SESSION_END_LIMIT")
@account.response(204)
def end_own_other_sessions() -> str:
    """End all other sessions

    Only the one that this request belongs to goes on.
    """
    end_other_sessions(get_locked_user(required_user_id()), current_session_id())
    db.session.commit()
    return ""


@account.route("/sessions/<uuid:session_id>/", methods=["DELETE"])
@account.login("required")
@account.limit("SESSION_END_LIMIT")
@account.response(204)
@account.alt_response(404, description="Not yours", example=examples.NO_SUCH_SESSION, **PROBLEM)
def end_own_session(session_id: UUID) -> str:
    """End a session

    Its refresh and access tokens stop working at once.
    """
    if not end_session(required_user_id(), session_id):
        raise NotFound(lazy_gettext("You have no such session."))
    db.session.commit()
    return ""


def _describe(token: RefreshToken) -> dict[str, Any]:
    return {
        "id": token.family_id,
        "device": device_in_words(token.user_agent),
        "ip_address": token.ip_address,
        "created_at": isoformat(token.session_started_at or token.issued_at),
        "last_used_at": isoformat(token.issued_at),
        "is_current": str(token.family_id) == current_session_id(),
    }
