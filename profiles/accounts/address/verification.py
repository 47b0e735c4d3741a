"""Prove that mail to the account's address reaches its owner."""

from flask import current_app

from activity import Action, record
from common.config.mail_settings import NO_MAIL
from common.database.session import db
from profiles.accounts.address.mailboxes import has_room_for_mail
from profiles.accounts.models import User
from profiles.accounts.one_time_tokens.issuing import (
    LIFETIMES,
    issue_token,
    revoke_tokens,
)
from profiles.accounts.one_time_tokens.models import Purpose
from profiles.messages import MessageKind, enqueue


def send_verification(user: User) -> None:
    """Send a link that proves the address of a locked account; the caller commits.

    None is sent when the address is verified.
    """
    if user.email_verified:
        return
    token = issue_token(user, Purpose.VERIFY_EMAIL, user.email)
    enqueue(
        user,
        MessageKind.VERIFY_EMAIL,
        link_path=f"/verify-email#token={token}",
        valid_for=LIFETIMES[Purpose.VERIFY_EMAIL],
    )


def can_be_verified() -> bool:
    """Whether this installation sends mail at all: who cannot verify an address loses nothing by it."""
    return bool(current_app.config["MAIL_URL"] != NO_MAIL)


def send_first_verification(user: User) -> None:
    """As send_verification, after a registration, which a mailbox without room must not prevent.

    Somebody who registers an address, erases the account and begins anew fills no mailbox by it.
    """
    if has_room_for_mail(user.email):
        send_verification(user)


def mark_verified(user: User) -> None:
    """The owner of a locked account has used something that was sent to its address."""
    revoke_tokens(user, [Purpose.VERIFY_EMAIL])
    if user.email_verified:
        return
    user.email_verified = True
    user.unverified_login_at = None
    record(Action.AUTH_EMAIL_VERIFIED, user.id)
    db.session.flush()
