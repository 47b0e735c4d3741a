"""The access token: issued, read, and refused when it is missing or invalid.

Whether its account may act is asked with every request (see `acting_accounts`).
"""

import re
import time
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Literal, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_jwt,
    get_jwt_identity,
    verify_jwt_in_request,
)
from flask_jwt_extended.exceptions import InvalidHeaderError, NoAuthorizationError

from common.http import acting_accounts
from common.http.acting_accounts import VerifiedToken, may_act
from common.http.problems.codes import ProblemCode
from common.http.problems.document import problem_response
from common.http.schemas.fields import LARGEST_INTEGER
from common.translation import Message, lazy_gettext

LoginRule = Literal["required", "optional", "ignored"]
View = TypeVar("View", bound=Callable[..., Any])

jwt = JWTManager()
# A token "of the future" is refused. Machines' clocks differ, and one may issue what another,
# a second behind, is shown at once.
SKEW_SECONDS = 10
# RFC 6750 §2.1; schemes are case-insensitive (RFC 9110 §11.1).
CREDENTIALS = re.compile(r"bearer +([a-z0-9._~+/-]+=*) *", re.ASCII | re.IGNORECASE)
BEARER_SCHEME = re.compile(r"\W*bearer\b", re.ASCII | re.IGNORECASE)
# Several Authorization headers arrive as one, joined by commas; a token of ours holds none.
SEVERAL_CREDENTIALS = re.compile(r"bearer\b.*,|.*,\s*bearer\b", re.IGNORECASE)
USER_ID = re.compile(r"[1-9][0-9]{0,9}")
SESSION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def init_app(app: Flask) -> None:
    app.config.update(
        JWT_SECRET_KEY=app.config["SECRET_KEY"],
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=app.config["ACCESS_TOKEN_MINUTES"]),
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ALGORITHM="HS256",
        JWT_ENCODE_ISSUER="tutor-marketplace",
        JWT_DECODE_ISSUER="tutor-marketplace",
        # It would only repeat when the token was issued.
        JWT_ENCODE_NBF=False,
    )
    jwt.init_app(app)
    acting_accounts.init_app(app)


def issue_access_token(user_id: int, *, session_id: str | None = None) -> str:
    """A signed token naming `user_id` and its session, good for ACCESS_TOKEN_MINUTES."""
    claims: dict[str, Any] = {"iat": int(time.time()) - SKEW_SECONDS}
    if session_id:
        claims["sid"] = session_id
    return create_access_token(
        identity=str(user_id),
        additional_claims=claims,
        additional_headers={"kid": _key_id(current_app.config["SECRET_KEY"])},
    )


@lru_cache(16)
def _key_id(key: str) -> str:
    """The public name of a key (RFC 7515 §4.1.4): it tells keys apart and nothing else."""
    return blake2b(key.encode(), person=b"key id", digest_size=6).hexdigest()


@jwt.decode_key_loader
def _key_of(header: dict[str, object], payload: dict[str, object]) -> str:
    """The key that a token names; the first one is as good as any for a token that names none."""
    keys: tuple[str, ...] = current_app.config["SECRET_KEYS"]
    return next((key for key in keys if _key_id(key) == header.get("kid")), keys[0])


def current_user_id() -> int | None:
    """The id of the account that calls, or None for a visitor."""
    return getattr(g, "user_id", None)


def current_session_id() -> str | None:
    """The id of the session whose access token the caller presents; None for one without."""
    return getattr(g, "session_id", None)


def required_user_id() -> int:
    """The id of the account that calls, in a view whose login is required."""
    user_id = current_user_id()
    if user_id is None:
        raise RuntimeError("this view does not require a login")
    return user_id


def open_to_all(view: View) -> View:
    """Mark a plain Flask view as deliberately public, whoever calls."""
    view.__dict__["login_rule"] = "ignored"
    return view


def authenticate(rule: LoginRule, *, confirmed_by_statement: bool = False) -> None:
    """Authenticate the caller as `rule` demands; an invalid token is a 401 even if optional.

    A view's own statement may ask whether the account may act; see `acting_accounts`.
    """
    if rule == "ignored":
        return
    header = request.environ.get("HTTP_AUTHORIZATION", "")
    if "," in header and SEVERAL_CREDENTIALS.match(header):
        raise InvalidHeaderError("Several credentials, which may be different callers'.")
    credentials = CREDENTIALS.fullmatch(header)
    if credentials is None:
        # Not for the library to look at: it reads more as a token than we do, and what it would verify
        # must be what is remembered.
        if BEARER_SCHEME.match(header):
            raise InvalidHeaderError("Not the word Bearer, a space and a token.")
        if rule == "optional":
            return
        raise NoAuthorizationError("No credentials of the scheme Bearer.")
    token = credentials[1]
    if _is_verified(token, confirmed_by_statement):
        return
    # The library insists on "Bearer".
    request.environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    verify_jwt_in_request()
    claims = get_jwt()
    g.user_id, g.session_id = int(get_jwt_identity()), claims.get("sid")
    verified = VerifiedToken(g.user_id, claims.get("exp", 0), g.session_id)
    acting_accounts.remember_verified(token, verified)


def _is_verified(token: str, confirmed_by_statement: bool) -> bool:
    """Whether the token was verified before; only what may have changed is checked again.

    A client sends the same token for half an hour, and verifying it costs more than many answers.
    """
    known = acting_accounts.find_verified(token)
    if known is None:
        return False
    if confirmed_by_statement and acting_accounts.act_unconfirmed(token, known):
        return True
    if not may_act(known.user_id, known.session_id):
        acting_accounts.refuse_caller(token, known.user_id, known.session_id)
    g.user_id, g.session_id = known.user_id, known.session_id
    return True


def _refuse(detail: Message, code: ProblemCode = ProblemCode.INVALID_TOKEN) -> Response:
    # RFC 6750 §3: a request without credentials gets a bare challenge.
    is_bare = code == ProblemCode.LOGIN_REQUIRED
    challenge = "Bearer" if is_bare else 'Bearer error="invalid_token"'
    return problem_response(401, detail, {"WWW-Authenticate": challenge}, code=code)


@jwt.unauthorized_loader
def _missing(reason: str) -> Response:
    return _refuse(lazy_gettext("Log in to do this."), ProblemCode.LOGIN_REQUIRED)


@jwt.invalid_token_loader
def _broken(reason: str) -> Response:
    return _refuse(lazy_gettext("The access token is not valid; log in again."))


@jwt.expired_token_loader
def _expired(header: dict[str, object], payload: dict[str, object]) -> Response:
    return _refuse(
        lazy_gettext("The access token has expired; refresh it or log in again."),
        ProblemCode.EXPIRED_TOKEN,
    )


@jwt.revoked_token_loader
def _revoked(header: dict[str, object], payload: dict[str, object]) -> Response:
    return _refuse(lazy_gettext("The access token is no longer valid; log in again."))


@jwt.needs_fresh_token_loader
def _stale(header: dict[str, object], payload: dict[str, object]) -> Response:
    return _refuse(lazy_gettext("This needs a fresh log-in."))


@jwt.token_verification_loader
def _is_ours(header: dict[str, object], payload: dict[str, object]) -> bool:
    """Whether a correctly signed token says what ours do: a user, a session, an expiry."""
    subject = str(payload.get("sub", ""))
    return (
        USER_ID.fullmatch(subject) is not None
        and int(subject) <= LARGEST_INTEGER
        and isinstance(payload.get("exp"), int | float)
        and ("sid" not in payload or SESSION_ID.fullmatch(str(payload["sid"])) is not None)
    )


@jwt.token_verification_failed_loader
def _not_ours(header: dict[str, object], payload: dict[str, object]) -> Response:
    return _broken("")


@jwt.user_lookup_error_loader
def _gone(header: dict[str, object], payload: dict[str, object]) -> Response:
    if "sid" in payload and may_act(int(str(payload["sub"]))):
        return _refuse(
            lazy_gettext("The session of this token has ended; log in again."),
            ProblemCode.NO_SESSION,
        )
    return _refuse(
        lazy_gettext("The account of this token is no longer active."),
        ProblemCode.INACTIVE_ACCOUNT,
    )


@jwt.user_lookup_loader
def _account(header: dict[str, object], payload: dict[str, object]) -> int | None:
    """The user id when its account may act, else None, which the library answers with a 401."""
    user_id, session_id = int(str(payload["sub"])), payload.get("sid")
    return user_id if may_act(user_id, str(session_id) if session_id else None) else None
