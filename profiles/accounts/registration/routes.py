"""The endpoint that registers an account."""

from typing import Any

from common.database.session import db
from common.http.limits.rate_limit import address
from profiles.accounts import examples
from profiles.accounts.address.verification import send_first_verification
from profiles.accounts.login.signed_in import ANSWERS_SESSION, signed_in
from profiles.accounts.registration.creation import register
from profiles.accounts.registration.schemas import Registration
from profiles.accounts.routes import auth, documented_problem, public_endpoint
from profiles.accounts.sessions.cookie import Answer
from profiles.accounts.sessions.lifecycle import open_session


@public_endpoint("/register/")
@auth.limit("REGISTER_LIMIT", address)
@auth.arguments(Registration, example=examples.REGISTRATION)
@auth.response(201, **ANSWERS_SESSION)
@documented_problem("The email is taken, without regard to case", examples.EMAIL_TAKEN)
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
