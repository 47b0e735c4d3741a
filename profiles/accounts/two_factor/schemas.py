"""Request and response schemas of two factors."""

from marshmallow import fields, validate

from common.http.schemas.base import ResponseSchema, Schema
from common.http.schemas.fields import Text
from profiles.accounts.passwords.fields import LONGEST_PASSWORD
from profiles.accounts.two_factor.codes import LONGEST_CODE, RECOVERY_CODES

LONGEST_URI = 1000


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
