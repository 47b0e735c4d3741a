"""Erase an account with everything that belongs to it, in one transaction."""

from activity.retention.erasure import erase_events
from common.database.session import db
from common.media.files import remove_file
from profiles.accounts.login.failures import forget_failures
from profiles.accounts.login.limits import digest_of
from profiles.accounts.models import User
from profiles.accounts.password_reset.reset_requests import forget_requests
from profiles.accounts.passwords.change import confirm_password
from profiles.saved.tutors import lock_before_erasure


def erase_account(user_id: int, password: str) -> None:
    """Erase the account as its owner asks; the caller commits. Raises BadRequest for a wrong password."""
    erase(confirm_password(user_id, password))


def erase(user: User) -> None:
    """Delete a locked account and all that belongs to it; the caller commits.

    Profile, settings, draft, tokens and public row go with the user's row, by their foreign
    keys. Events still queued anywhere find no account and are dropped.
    """
    if user.avatar_name:
        remove_file(user.avatar_name)
    # Before the cascade, which would delete a long log in one statement.
    erase_events(user.id)
    forget_failures(digest_of(user.email))
    forget_requests(user.email)
    lock_before_erasure(user.id)
    db.session.delete(user)
    db.session.flush()
