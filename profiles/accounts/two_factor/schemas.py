"""Request and response schemas of two factors."""

from marshmallow import fields, validate

from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.http.problems.schema import Problem
from common.http.schemas.base import ResponseSchema, Schema
from common.http.schemas.fields import OpaqueToken, Text
from common.translation import lazy_gettext
from profiles.accounts.fields.email import LONGEST_PASSWORD
from profiles.accounts.login.tickets import Ticket
from profiles.accounts.two_factor.codes import LONGEST_CODE, RECOVERY_CODES

LONGEST_TICKET = 200
LONGEST_URI = 1000
TICKET_DESCRIPTION = "Proves that the password was right; good once, for five minutes."


def code_field(description: str) -> Text:
    return Text(
        required=True,
        min=1,
        max=LONGEST_CODE,
        load_only=True,
        metadata={"description": f"{description} Spaces and hyphens do not matter."},
    )


class Enrolment(ResponseSchema):
    """A new secret, not in force before it is confirmed."""

    secret = Text(
        required=True,
        min=32,
        max=32,
        metadata={"description": "In base32, to be typed into an authenticator."},
    )
    uri = Text(
        required=True,
        max=LONGEST_URI,
        metadata={"description": "The same to be shown as a QR code.", "format": "uri"},
    )


class Confirmation(Schema):
    """What the authenticator shows."""

    code = code_field("The six digits that the authenticator shows.")


class RecoveryCodes(ResponseSchema):
    """The recovery codes, answered this once."""

    recovery_codes = fields.List(
        Text(max=LONGEST_CODE),
        required=True,
        validate=validate.Length(max=RECOVERY_CODES),
        metadata={"description": "Each logs in once in place of the authenticator's code."},
    )


class Removal(Schema):
    """The password and a code, which prove that it is the owner."""

    password = Text(
        required=True, min=1, max=LONGEST_PASSWORD, load_only=True, metadata={"format": "password"}
    )
    code = code_field("The authenticator's six digits, or a recovery code.")


class SecondStep(Schema):
    """The ticket of a log-in, and the code that it owes."""

    ticket = OpaqueToken(max=LONGEST_TICKET, metadata={"description": TICKET_DESCRIPTION})
    code = code_field("The authenticator's six digits, or a recovery code.")


class LoginProblem(Problem):
    """Why a log-in does not open a session; where it may go on, with a ticket."""

    ticket = Text(max=LONGEST_TICKET, metadata={"description": TICKET_DESCRIPTION})


def code_required(ticket: Ticket) -> BadRequest:
    """The answer to a right password where the account has two factors."""
    return BadRequest(
        lazy_gettext("Send the code of your authenticator, or a recovery code."),
        code=ProblemCode.SECOND_FACTOR_REQUIRED,
        ticket=ticket.token,
    )
