"""Endpoints of a log-in: the password, and a code where the account has two factors."""

from typing import Any

from common.database.session import db
from common.http.limits.rate_limit import address
from common.http.problems.schema import Problem
from profiles.accounts import examples
from profiles.accounts.login.limits import (
    account_anywhere,
    account_at_address,
    account_in_browser,
    is_known_browser,
    is_not_guessing,
    is_unknown_browser,
)
from profiles.accounts.login.password_step import log_in
from profiles.accounts.login.schemas import Credentials, LoginProblem, SecondStep, code_required
from profiles.accounts.login.second_step import finish_login
from profiles.accounts.login.signed_in import ANSWERS_SESSION, signed_in
from profiles.accounts.login.tickets import Ticket
from profiles.accounts.routes import auth, public_endpoint
from profiles.accounts.sessions.cookie import Answer
from profiles.accounts.two_factor import examples as two_factor_examples
from profiles.accounts.two_factor.verification import wrong_code


@public_endpoint("/login/")
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
        "second-factor": {
            "summary": "A code is owed",
            "value": two_factor_examples.SECOND_FACTOR_REQUIRED,
        },
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


@auth.route("/login/second-factor/", methods=["POST"])
@auth.login("ignored")
@auth.limit("LOGIN_ADDRESS_LIMIT", address)
@auth.arguments(SecondStep, example=two_factor_examples.SECOND_STEP)
@auth.response(200, **ANSWERS_SESSION | {"example": two_factor_examples.SIGNED_IN_BY_CODE})
@auth.alt_response(
    400,
    schema=Problem,
    content_type="application/problem+json",
    description="A wrong code, or a ticket that is unknown, used, expired or worn out by wrong codes",
    examples={
        "code": {"summary": "Another code may be tried", "value": two_factor_examples.WRONG_CODE},
        "ticket": {"summary": "Log in again", "value": two_factor_examples.INVALID_TICKET},
    },
)
def log_in_with_code(body: dict[str, Any]) -> Answer:
    """Log in: the second step

    Takes the `ticket` of `/auth/login/` and the authenticator's code, or a recovery code, and answers
    what a log-in answers. A code works once; five wrong ones end the ticket. Codes are limited per
    account too, and a browser that has logged in before has a limit of its own.
    """
    session = finish_login(body["ticket"], body["code"])
    # A wrong code is counted.
    db.session.commit()
    if session is None:
        raise wrong_code()
    return signed_in(session)
