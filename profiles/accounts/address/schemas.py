"""Request schemas of the account's address."""

from common.http.schemas.base import Schema
from common.http.schemas.fields import Text
from profiles.accounts.fields.email import Email
from profiles.accounts.one_time_tokens.fields import MailedToken
from profiles.accounts.passwords.fields import LONGEST_PASSWORD


class TokenByMail(Schema):
    """The token of a link that came by mail."""

    token = MailedToken()


class EmailChange(Schema):
    """The address the account is to have, and the password, which proves that it is the owner."""

    password = Text(
        required=True,
        min=1,
        max=LONGEST_PASSWORD,
        load_only=True,
        metadata={"format": "password"},
    )
    email = Email(required=True)
