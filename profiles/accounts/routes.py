"""Endpoints of /auth/, and /users/me/."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response

from common.database.session import db
from common.http.api import Blueprint, Problem
from common.http.auth import required_user_id
from common.http.limits.rate_limit import address
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import Unauthorized
from common.translation import lazy_gettext
from profiles.accounts import examples
from profiles.accounts.address.verification import send_first_verification
from profiles.accounts.login.limits import (
    account_anywhere,
    account_at_address,
    account_in_browser,
    is_known_browser,
    is_not_guessing,
    is_unknown_browser,
    is_without_token,
    presented_session,
)
from profiles.accounts.login.password_step import log_in
from profiles.accounts.login.signed_in import ANSWERS_SESSION, Answer, set_cookie_header, signed_in
from profiles.accounts.login.tickets import Ticket
from profiles.accounts.lookup import get_user
from profiles.accounts.registration.creation import register
from profiles.accounts.schemas import (
    AccessToken,
    Credentials,
    OwnAccount,
    Registration,
    describe_account,
)
from profiles.accounts.sessions.cookie import (
    NAME,
    cleared_cookie,
    presented_token,
    refresh_cookie,
    refuse_foreign_origin,
)
from profiles.accounts.sessions.lifecycle import close_session, open_session
from profiles.accounts.sessions.lifecycle import rotate as rotate_token
from profiles.accounts.sessions.refresh_tokens import is_token
from profiles.accounts.two_factor.examples import SECOND_FACTOR_REQUIRED
from profiles.accounts.two_factor.schemas import LoginProblem, code_required

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

auth = Blueprint(
    "auth",
    __name__,
    url_prefix="/api/auth",
    description="Register, log in, stay logged in, log out. These endpoints ignore the"
    " `Authorization` header, valid or not.",
)
users = Blueprint("users", __name__, url_prefix="/api/users", description="The caller's account.")

View = TypeVar("View", bound=Callable[..., Any])


def _public(
    path: str, *, security: list[dict[str, list[str]]] | None = None
) -> Callable[[View], View]:
    """A POST endpoint of /auth/, which ignores access tokens."""

    def decorate(view: View) -> View:
        view = auth.login("ignored")(view)
        if security is not None:
            view = auth.doc(security=security)(view)
        return auth.route(path, methods=["POST"])(view)

    return decorate


def _problem(description: str, example: dict[str, object]) -> Callable[[View], View]:
    """Document one of the view's errors, its status taken from the example."""
    decorator: Callable[[View], View] = auth.alt_response(
        example["status"],
        schema=Problem,
        content_type="application/problem+json",
        description=description,
        example=example,
    )
    return decorator


foreign_origin = _problem(
    "Asked for by a page of an origin that is not allowed", examples.FOREIGN_ORIGIN
)


@auth.after_request
def keep_out_of_caches(response: Response) -> Response:
    """Answers hold tokens: no cache may store them."""
    response.headers["Cache-Control"] = "no-store"
    return response


@_public("/register/")
@auth.limit("REGISTER_LIMIT", address)
@auth.arguments(Registration, example=examples.REGISTRATION)
@auth.response(201, **ANSWERS_SESSION)
@_problem("The email is taken, without regard to case", examples.EMAIL_TAKEN)
def register_account(body: dict[str, Any]) -> Answer:
    """Register and log in

    Creates the account with an empty profile of its role and default settings, and sends a link by
    mail that verifies the address. An account whose address nobody verifies is erased after a month
    without use.
    """
    user = register(**body)
    send_first_verification(user)
    session = open_session(user)
    db.session.commit()
    return signed_in(session)


@_public("/login/")
@auth.limit("LOGIN_ADDRESS_LIMIT", address)
@auth.limit("LOGIN_ACCOUNT_LIMIT", account_at_address, exempt_when=is_known_browser)
@auth.limit("LOGIN_GUESS_LIMIT", account_anywhere, exempt_when=is_not_guessing)
@auth.limit("LOGIN_DEVICE_LIMIT", account_in_browser, exempt_when=is_unknown_browser)
@auth.arguments(Credentials, example=examples.CREDENTIALS)
@auth.response(200, **ANSWERS_SESSION)
@auth.alt_response(
    400,
    schema=LoginProblem,
    content_type="application/problem+json",
    description="Unknown email, wrong password or inactive account: one and the same answer. Or the"
    " account has two factors, and the code of the second is owed",
    examples={
        "refused": {"summary": "Not let in", "value": examples.WRONG_CREDENTIALS},
        "second-factor": {"summary": "A code is owed", "value": SECOND_FACTOR_REQUIRED},
    },
)
def log_in_with_password(body: dict[str, Any]) -> Answer:
    """Log in

    Answers an access token for the `Authorization` header, and sets the refresh cookie.
    A failure is a 400 with `error: invalid_grant` as in OAuth 2, whatever its reason. Log-ins of an
    account from unknown browsers are limited together, wherever they come from; the `device` cookie,
    set by a log-in, gives the browser a limit of its own. The owner finds failures in the log.
    Where the account has two factors, the right password is answered by `second_factor_required` and
    a `ticket`: send it with the code to `/auth/login/second-factor/`.
    """
    outcome = log_in(**body)
    db.session.commit()
    if isinstance(outcome, Ticket):
        raise code_required(outcome)
    return signed_in(outcome)


@_public("/refresh/", security=[BY_COOKIE])
@auth.limit("REFRESH_LIMIT", address, exempt_when=is_without_token)
@auth.limit("SESSION_REFRESH_LIMIT", presented_session, exempt_when=is_without_token)
@auth.response(200, AccessToken, example={"access": examples.ACCESS}, headers=SETS_COOKIE)
@_problem("No session, or one that is over", examples.SESSION_OVER)
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


@_public("/logout/", security=[BY_COOKIE, {}])
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


@users.route("/me/", methods=["GET"])
@users.login("required")
@users.response(200, OwnAccount, example=examples.ACCOUNT)
def read_own_account() -> tuple[dict[str, Any], dict[str, str]]:
    """The caller's account

    What every page of a frontend needs; the profile has more.
    """
    return describe_account(get_user(required_user_id())), {"Cache-Control": "private, no-store"}
