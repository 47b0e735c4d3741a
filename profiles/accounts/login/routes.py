"""The endpoint of a log-in's second step."""

from typing import Any

from common.database.session import db
from common.http.limits.rate_limit import address
from common.http.problems.schema import Problem
from profiles.accounts.login.second_step import finish_login
from profiles.accounts.login.signed_in import ANSWERS_SESSION, Answer, signed_in
from profiles.accounts.routes import auth
from profiles.accounts.two_factor import examples
from profiles.accounts.two_factor.schemas import SecondStep
from profiles.accounts.two_factor.verification import wrong_code


@auth.route("/login/second-factor/", methods=["POST"])
@auth.login("ignored")
@auth.limit("LOGIN_ADDRESS_LIMIT", address)
@auth.arguments(SecondStep, example=examples.SECOND_STEP)
@auth.response(200, **ANSWERS_SESSION | {"example": examples.SIGNED_IN_BY_CODE})
@auth.alt_response(
    400,
    schema=Problem,
    content_type="application/problem+json",
    description="A wrong code, or a ticket that is unknown, used, expired or worn out by wrong codes",
    examples={
        "code": {"summary": "Another code may be tried", "value": examples.WRONG_CODE},
        "ticket": {"summary": "Log in again", "value": examples.INVALID_TICKET},
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
