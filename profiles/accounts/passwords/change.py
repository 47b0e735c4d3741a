"""Confirm and change the password of a signed-in person."""

from activity import Action, record
from common.database.session import db, read_rows
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import lazy_gettext
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.models import User
from profiles.accounts.one_time_tokens.issuing import revoke_tokens
from profiles.accounts.one_time_tokens.models import Purpose
from profiles.accounts.passwords.hashing import hash_password, is_password
from profiles.accounts.sessions.open_sessions import end_other_sessions
from profiles.messages import MessageKind, enqueue

READ_HASH = "select password_hash from users where id = %(user_id)s"


def confirm_password(user_id: int, password: str) -> User:
    """The person's locked account, once the password has proved that it is theirs.

    Raises BadRequest for a wrong password, Unauthorized when the account ended meanwhile.
    """
    # As with a log-in, neither a connection nor a lock is held while the password is hashed.
    rows = read_rows(READ_HASH, {"user_id": user_id})
    password_hash = rows[0][0] if rows else None
    if not is_password(password, password_hash):
        raise _wrong_password()
    user = get_locked_user(user_id)
    # Changed or renewed while this one was hashed.
    if user.password_hash != password_hash and not is_password(password, user.password_hash):
        raise _wrong_password()
    return user


def change_password(
    user_id: int, current_password: str, new_password: str, session_id: str | None
) -> None:
    """Set another password, end all sessions but the one named and tell the owner by mail.

    The caller commits. Raises as confirm_password.
    """
    new_hash = hash_password(new_password)
    user = confirm_password(user_id, current_password)
    user.password_hash = new_hash
    # What somebody with the former password, or with an old mail, has begun ends with it.
    revoke_tokens(user, [Purpose.PASSWORD_RESET, Purpose.CONFIRM_EMAIL])
    record(Action.AUTH_PASSWORD_CHANGED, user.id)
    end_other_sessions(user, session_id)
    enqueue(user, MessageKind.PASSWORD_CHANGED)
    db.session.flush()


def _wrong_password() -> BadRequest:
    return BadRequest(
        lazy_gettext("The password is not right."),
        code=ProblemCode.WRONG_PASSWORD,
        error="invalid_grant",
    )
