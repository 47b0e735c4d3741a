"""The field of a password that is to be set."""

from typing import Any

from marshmallow import ValidationError

from common.http.schemas.fields import Text
from common.translation import lazy_gettext
from profiles.accounts.passwords.common_passwords import is_common_password

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128


class NewPassword(Text):
    """A password to be set, of 8-128 characters of any kind, and none of the commonest."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min=SHORTEST_PASSWORD, max=LONGEST_PASSWORD, load_only=True, **kwargs)
        self.metadata = {
            "format": "password",
            "description": "None of the commonest passwords.",
            **self.metadata,
        }

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        password = super()._deserialize(value, *args, **kwargs)
        if is_common_password(password):
            raise ValidationError(lazy_gettext("Must not be one of the commonest passwords."))
        return password
