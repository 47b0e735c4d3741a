"""The account as answers to its owner show it."""

from typing import Any

from marshmallow import fields, validate

from common.http.api import ResponseSchema
from common.http.schemas.fields import Integer, Text
from common.media.files import media_url
from profiles.accounts.fields.timezones import LONGEST_TIMEZONE
from profiles.accounts.models import LONGEST_EMAIL, LONGEST_NAME, ROLES, User


class OwnAccount(ResponseSchema):
    """An account as its owner sees it."""

    id = Integer(required=True, min=1)
    email = Text(required=True, max=LONGEST_EMAIL, metadata={"format": "email"})
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    first_name = Text(required=True, min=1, max=LONGEST_NAME)
    last_name = Text(required=True, min=1, max=LONGEST_NAME)
    timezone = Text(
        required=True, max=LONGEST_TIMEZONE, metadata={"description": "An IANA time zone."}
    )
    is_self_learning = fields.Boolean(required=True)
    avatar_url = Text(
        required=True,
        max=200,
        allow_none=True,
        metadata={"description": "Relative to the site's root.", "format": "uri-reference"},
    )
    two_factor = fields.Boolean(
        required=True, metadata={"description": "Whether a log-in asks for a code too."}
    )
    email_verified = fields.Boolean(
        required=True,
        metadata={"description": "Whether a link that was sent to the email has been used."},
    )


def describe_account(user: User) -> dict[str, Any]:
    """The account's section of every answer to its owner."""
    return {
        "id": user.id,
        "email": user.email,
        "role": user.role,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "timezone": user.timezone,
        "is_self_learning": user.is_self_learning,
        "avatar_url": media_url(user.avatar_name),
        "two_factor": user.two_factor_since is not None,
        "email_verified": user.email_verified,
    }
