"""Endpoints of the account's address: verify it, change it, undo a change."""

from typing import Any

from flask import Response

from common.database.session import db
from common.http.auth import required_user_id
from common.http.limits.rate_limit import address
from common.http.problems.schema import Problem
from profiles.accounts import examples
from profiles.accounts.address.change import prove_address, request_change, undo_change
from profiles.accounts.address.mailboxes import (
    is_naming_none,
    named_mailbox,
    refuse_full_mailbox,
)
from profiles.accounts.address.schemas import EmailChange, TokenByMail
from profiles.accounts.address.verification import send_verification
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.routes import account, auth

PROBLEM: dict[str, Any] = {
    "schema": Problem,
    "content_type": "application/problem+json",
}
DOES_NOT_WORK: dict[str, Any] = {
    "description": "The token is malformed, used, expired or another's: one and the same answer",
    "example": examples.INVALID_ONE_TIME_TOKEN,
    **PROBLEM,
}
TAKEN: dict[str, Any] = {
    "description": "Another account has the address",
    "example": examples.EMAIL_TAKEN,
    **PROBLEM,
}


@auth.route("/verify-email/", methods=["POST"])
@auth.login("ignored")
@auth.limit("ONE_TIME_TOKEN_LIMIT", address)
@auth.arguments(TokenByMail, example=examples.TOKEN_BY_MAIL)
@auth.response(204)
@auth.alt_response(400, **DOES_NOT_WORK)
@auth.alt_response(409, **TAKEN)
def verify_email(body: dict[str, Any]) -> str:
    """Verify an address by its link

    Verifies the address of a registration, or puts a new one in force, whichever the link was sent
    for. It works once, for 24 hours. The former mailbox of a changed address gets a link that undoes
    the change for 72 hours; until then nobody else can register that address.
    """
    prove_address(body["token"])
    db.session.commit()
    return ""


@auth.route("/undo-email-change/", methods=["POST"])
@auth.login("ignored")
@auth.limit("ONE_TIME_TOKEN_LIMIT", address)
@auth.arguments(TokenByMail, example=examples.TOKEN_BY_MAIL)
@auth.response(204)
@auth.alt_response(400, **DOES_NOT_WORK)
@auth.alt_response(409, **TAKEN)
def undo_email_change(body: dict[str, Any]) -> str:
    """Undo a change of the address

    By the link in the former mailbox: its address is the account's again, and all sessions end.
    """
    undo_change(body["token"])
    db.session.commit()
    return ""


@account.route("/email/verification/", methods=["POST"])
@account.login("required")
@account.limit("EMAIL_CHANGE_LIMIT")
@account.response(202)
def send_email_verification() -> Response:
    """Send another link that verifies the address

    Earlier ones work until they expire. None is sent when the address is verified already.
    """
    user = get_locked_user(required_user_id())
    if not user.email_verified:
        refuse_full_mailbox(user.email)
        send_verification(user)
    db.session.commit()
    return Response(status=202)


@account.route("/email/", methods=["POST"])
@account.login("required")
@account.limit("PASSWORD_LIMIT")
@account.limit("EMAIL_CHANGE_LIMIT")
@account.limit("MAILBOX_LIMIT", named_mailbox, exempt_when=is_naming_none)
@account.arguments(EmailChange, example=examples.EMAIL_CHANGE)
@account.response(202)
@account.alt_response(
    400, description="Not the account's password", example=examples.WRONG_PASSWORD, **PROBLEM
)
def change_own_email(body: dict[str, Any]) -> Response:
    """Change the address

    A link is sent to the new address, which is in force once it is used (`POST
    /api/auth/verify-email/`). The answer is the same for an address that has an account: its owner
    learns it from the link. A further request replaces the one before.
    """
    request_change(required_user_id(), body["password"], body["email"])
    db.session.commit()
    return Response(status=202)
