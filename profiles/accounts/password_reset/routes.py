"""Endpoints of a forgotten password: ask for a link by mail, and set another by it."""

from typing import Any

from flask import Response

from common.database.session import db
from common.http.limits.rate_limit import address
from common.http.problems.schema import Problem
from profiles.accounts import examples
from profiles.accounts.address.mailboxes import is_naming_none, named_mailbox
from profiles.accounts.password_reset.reset import reset_password
from profiles.accounts.password_reset.reset_requests import request_reset
from profiles.accounts.password_reset.reset_worker import reset_worker
from profiles.accounts.password_reset.schemas import PasswordReset, PasswordResetRequested
from profiles.accounts.routes import auth


@auth.route("/password-reset/", methods=["POST"])
@auth.login("ignored")
@auth.limit("PASSWORD_RESET_LIMIT", address)
@auth.limit("MAILBOX_LIMIT", named_mailbox, exempt_when=is_naming_none)
@auth.arguments(PasswordResetRequested, example={"email": "olena.shevchenko@example.com"})
@auth.response(202)
def request_password_reset(body: dict[str, Any]) -> Response:
    """Ask for a new password

    An active account with this address is sent a link that works once, for an hour. The answer, and
    the time it takes, are the same for every address, whether or not it has an account.
    """
    request_reset(body["email"])
    db.session.commit()
    reset_worker().wake()
    return Response(status=202)


@auth.route("/password-reset/confirm/", methods=["POST"])
@auth.login("ignored")
@auth.limit("ONE_TIME_TOKEN_LIMIT", address)
@auth.arguments(PasswordReset, example=examples.PASSWORD_RESET)
@auth.response(204)
@auth.alt_response(
    400,
    schema=Problem,
    content_type="application/problem+json",
    description="The token is malformed, used, expired or another's: one and the same answer",
    example=examples.INVALID_ONE_TIME_TOKEN,
)
def confirm_password_reset(body: dict[str, Any]) -> str:
    """Set a new password by the link

    All sessions of the account end, and other links that were sent to it for a new password stop
    working. As the link came by mail, the address counts as verified. The owner gets a mail about it.
    """
    reset_password(body["token"], body["new_password"])
    db.session.commit()
    return ""
