"""Request schema of a registration."""

from marshmallow import fields, validate

from common.http.schemas.base import Schema
from profiles.accounts.fields.email import Email
from profiles.accounts.fields.person_name import PersonName
from profiles.accounts.fields.timezones import ReportedTimezone
from profiles.accounts.passwords.fields import NewPassword

OPEN_ROLES = ("student", "tutor")


class Registration(Schema):
    """A new account."""

    # Defaults stand in descriptions: type generators take a property with a default as required.

    email = Email(required=True)
    password = NewPassword(required=True)
    first_name = PersonName(required=True)
    last_name = PersonName(required=True)
    timezone = ReportedTimezone()
    role = fields.String(
        load_default=lambda: OPEN_ROLES[0],
        validate=validate.OneOf(OPEN_ROLES),
        metadata={"description": f"A {OPEN_ROLES[0]} by default."},
    )
