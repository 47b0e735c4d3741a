"""Endpoints of sessions: refreshed, logged out of, listed, ended."""

from typing import Any
from uuid import UUID

from common.clock import isoformat
from common.database.session import db
from common.http.auth import current_session_id, required_user_id
from common.http.limits.rate_limit import address
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import NotFound, Unauthorized
from common.http.problems.schema import Problem
from common.translation import lazy_gettext
from profiles.accounts import examples
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.models import RefreshToken
from profiles.accounts.routes import account, auth, documented_problem, public_endpoint
from profiles.accounts.sessions.cookie import (
    NAME,
    Answer,
    cleared_cookie,
    presented_token,
    refresh_cookie,
    refuse_foreign_origin,
    set_cookie_header,
)
from profiles.accounts.sessions.devices import device_in_words
from profiles.accounts.sessions.lifecycle import close_session
from profiles.accounts.sessions.lifecycle import rotate as rotate_token
from profiles.accounts.sessions.limits import is_without_token, presented_session
from profiles.accounts.sessions.open_sessions import end_other_sessions, end_session, open_sessions
from profiles.accounts.sessions.refresh_tokens import is_token
from profiles.accounts.sessions.schemas import AccessToken, OpenSessions

SETS_COOKIE = set_cookie_header(
    "`refresh`, the refresh token: `HttpOnly`, `SameSite=Lax`, `Path=/api/auth`, and `Secure`"
    " outside development."
)
CLEARS_COOKIE = set_cookie_header("Makes the browser delete `refresh`.")
REFRESH_COOKIE = {
    "type": "apiKey",
    "in": "cookie",
    "name": NAME,
    "description": "The refresh token; browsers send it by themselves.",
}
BY_COOKIE: dict[str, list[str]] = {"refreshCookie": []}
foreign_origin = documented_problem(
    "Asked for by a page of an origin that is not allowed", examples.FOREIGN_ORIGIN
)

PROBLEM: dict[str, Any] = {"schema": Problem, "content_type": "application/problem+json"}


@public_endpoint("/refresh/", security=[BY_COOKIE])
@auth.limit("REFRESH_LIMIT", address, exempt_when=is_without_token)
@auth.limit("SESSION_REFRESH_LIMIT", presented_session, exempt_when=is_without_token)
@auth.response(200, AccessToken, example={"access": examples.ACCESS}, headers=SETS_COOKIE)
@documented_problem("No session, or one that is over", examples.SESSION_OVER)
@foreign_origin
def refresh_session() -> Answer:
    """Get a fresh access token by the refresh cookie

    The cookie's token is replaced at every use. Used again later than a few seconds after that,
    it has been copied: then the whole session ends, and its owner finds `auth.refresh_reused` in the log.
    """
    refuse_foreign_origin()
    token = presented_token()
    if not is_token(token):
        raise Unauthorized(
            lazy_gettext("There is no session; log in."),
            code=ProblemCode.NO_SESSION,
            headers={"WWW-Authenticate": "Bearer"},
        )
    session = rotate_token(token)
    db.session.commit()
    if session is None:
        raise Unauthorized(
            lazy_gettext("The session is over; log in again."),
            code=ProblemCode.NO_SESSION,
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    return {"access": session.access}, [
        ("Set-Cookie", refresh_cookie(session.refresh, session.expires_at))
    ]


@public_endpoint("/logout/", security=[BY_COOKIE, {}])
@auth.response(204, headers=CLEARS_COOKIE)
@foreign_origin
def log_out() -> tuple[str, dict[str, str]]:
    """End the session

    Revokes the session's refresh tokens and clears the cookie; a 204 also when there is none.
    """
    refuse_foreign_origin()
    close_session(presented_token())
    db.session.commit()
    return "", {"Set-Cookie": cleared_cookie()}


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
