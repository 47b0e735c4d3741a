"""Request schemas of a password that is reset."""

from common.http.schemas.base import Schema
from profiles.accounts.fields.email import Email
from profiles.accounts.one_time_tokens.fields import MailedToken
from profiles.accounts.passwords.fields import NewPassword


class PasswordResetRequested(Schema):
    """The address of the account whose password is forgotten."""

    email = Email(required=True)


class PasswordReset(Schema):
    """The token that came by mail, and the password to be set."""

    token = MailedToken()
    new_password = NewPassword(required=True)
