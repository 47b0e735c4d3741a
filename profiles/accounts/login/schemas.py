"""Request and response schemas of log-ins."""

from marshmallow import fields

from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.http.problems.schema import Problem
from common.http.schemas.base import Schema
from common.http.schemas.fields import OpaqueToken, Text
from common.translation import lazy_gettext
from profiles.accounts.login.tickets import Ticket
from profiles.accounts.models import LONGEST_EMAIL
from profiles.accounts.passwords.fields import LONGEST_PASSWORD
from profiles.accounts.schemas import OwnAccount
from profiles.accounts.sessions.schemas import AccessToken
from profiles.accounts.two_factor.schemas import code_field

LONGEST_TICKET = 200
TICKET_DESCRIPTION = "Proves that the password was right; good once, for five minutes."


class Credentials(Schema):
    """Email and password of a log-in. A malformed email is treated as an unknown one."""

    email = Text(required=True, min=1, max=LONGEST_EMAIL, metadata={"format": "email"})
    password = Text(
        required=True, min=1, max=LONGEST_PASSWORD, load_only=True, metadata={"format": "password"}
    )


class SecondStep(Schema):
    """The ticket of a log-in, and the code that it owes."""

    ticket = OpaqueToken(max=LONGEST_TICKET, metadata={"description": TICKET_DESCRIPTION})
    code = code_field("The authenticator's six digits, or a recovery code.")


class SignedIn(AccessToken):
    """The start of a session."""

    user = fields.Nested(OwnAccount, required=True)


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
