"""Request schema of a password's change."""

from common.http.schemas.base import Schema
from common.http.schemas.fields import Text
from profiles.accounts.passwords.fields import LONGEST_PASSWORD, NewPassword


class PasswordChange(Schema):
    """The present password, and the one to be set."""

    current_password = Text(
        required=True,
        min=1,
        max=LONGEST_PASSWORD,
        load_only=True,
        metadata={"format": "password", "description": "Proves that it is the owner."},
    )
    new_password = NewPassword(required=True)
