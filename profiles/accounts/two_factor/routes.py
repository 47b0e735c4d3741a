"""Endpoints of /me/two-factor/."""

from typing import Any

from common.database.session import db
from common.http.api import Blueprint
from common.http.auth import current_session_id, required_user_id
from common.http.problems.schema import Problem as ProblemSchema
from profiles.accounts.two_factor import examples
from profiles.accounts.two_factor.codes import provisioning_uri
from profiles.accounts.two_factor.enrolment import confirm_enrolment, start_enrolment, turn_off
from profiles.accounts.two_factor.schemas import Confirmation, Enrolment, RecoveryCodes, Removal

PROBLEM: dict[str, Any] = {
    "schema": ProblemSchema,
    "content_type": "application/problem+json",
}
# Secrets that are answered once.
UNCACHED = {"Cache-Control": "no-store"}

two_factor = Blueprint(
    "two factors",
    __name__,
    url_prefix="/api/me/two-factor",
    description="A log-in that asks for a code of an authenticator beside the password.",
)


@two_factor.route("/", methods=["POST"])
@two_factor.login("required")
@two_factor.limit("TWO_FACTOR_LIMIT")
@two_factor.response(200, Enrolment, example=examples.ENROLMENT)
@two_factor.alt_response(
    409, description="Two factors are on already", example=examples.ALREADY_ON, **PROBLEM
)
def start_two_factor() -> tuple[dict[str, str], dict[str, str]]:
    """Get a secret for an authenticator

    Log-ins are as before until `confirm` has been called, within the hour, with the first code
    that the authenticator shows. Called again before that, it answers another secret.
    """
    user, secret = start_enrolment(required_user_id())
    db.session.commit()
    return {"secret": secret, "uri": provisioning_uri(secret, user.email)}, UNCACHED


@two_factor.route("/confirm/", methods=["POST"])
@two_factor.login("required")
@two_factor.limit("TWO_FACTOR_LIMIT")
@two_factor.arguments(Confirmation, example=examples.CODE)
@two_factor.response(200, RecoveryCodes, example=examples.RECOVERY_CODES)
@two_factor.alt_response(
    400, description="Not the authenticator's code", example=examples.WRONG_CODE, **PROBLEM
)
@two_factor.alt_response(
    409, description="On already, or not started", example=examples.ALREADY_ON, **PROBLEM
)
def confirm_two_factor(body: dict[str, Any]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Turn two factors on

    Answers ten recovery codes, this once: each logs in once in place of the authenticator. All other
    sessions of the caller end, since a password alone has opened them.
    """
    codes = confirm_enrolment(required_user_id(), body["code"], current_session_id())
    db.session.commit()
    return {"recovery_codes": codes}, UNCACHED


@two_factor.route("/", methods=["DELETE"])
@two_factor.login("required")
@two_factor.limit("TWO_FACTOR_LIMIT")
@two_factor.arguments(Removal, example=examples.REMOVAL)
@two_factor.response(204)
@two_factor.alt_response(
    400, description="Not the password, or no code", example=examples.WRONG_CODE, **PROBLEM
)
@two_factor.alt_response(404, description="They are off", example=examples.OFF, **PROBLEM)
def turn_two_factor_off(body: dict[str, Any]) -> str:
    """Turn two factors off

    The secret and the recovery codes are deleted. Sessions go on.
    """
    turn_off(required_user_id(), **body)
    db.session.commit()
    return ""
