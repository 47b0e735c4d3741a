"""Log-in by email and password: one answer and one timing, whatever the reason of a failure."""

from common.database.session import read_rows
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import lazy_gettext
from profiles.accounts.fields.email import email_key
from profiles.accounts.login.failures import note_failure
from profiles.accounts.login.limits import digest_of
from profiles.accounts.login.second_step import session_or_ticket
from profiles.accounts.login.tickets import Ticket
from profiles.accounts.lookup import find_locked_user
from profiles.accounts.passwords.hashing import (
    hash_password,
    is_outdated,
    is_password,
    is_password_in_equal_time,
)
from profiles.accounts.sessions.lifecycle import Session

READ_CREDENTIALS = "select id, password_hash, is_active from users where email_key = %(email_key)s"


def log_in(email: str, password: str) -> Session | Ticket:
    """Open a session, or issue a ticket where the account has two factors; the caller commits.

    An unknown email, a wrong password and an inactive account take the same work and raise the
    same BadRequest.
    """
    # Neither a connection nor a lock is held while the password is hashed.
    accounts = read_rows(READ_CREDENTIALS, {"email_key": email_key(email)})
    user_id, password_hash, is_active = accounts[0] if accounts else (None, None, False)
    is_right = is_password_in_equal_time(password, password_hash)
    if user_id is None or not is_right or not is_active:
        note_failure(digest_of(email), user_id)
        raise _wrong_credentials()
    fresh_hash = hash_password(password) if is_outdated(password_hash) else None
    user = find_locked_user(user_id)
    if user is None or not user.is_active:
        raise _wrong_credentials()
    if user.password_hash != password_hash:
        # Changed while this one was hashed: another log-in renewed it, or its owner the password.
        if not is_password(password, user.password_hash):
            raise _wrong_credentials()
    elif fresh_hash:
        user.password_hash = fresh_hash
    return session_or_ticket(user)


def _wrong_credentials() -> BadRequest:
    return BadRequest(
        lazy_gettext("The email or the password is not right."),
        code=ProblemCode.INVALID_CREDENTIALS,
        error="invalid_grant",
    )
