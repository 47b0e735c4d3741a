"""Erase an account with everything that belongs to it, in one transaction."""

from activity.log import erase_events
from common.database.session import db, read_rows
from common.http.errors import BadRequest
from common.http.problem_codes import ProblemCode
from common.media import remove_file
from profiles.accounts.limits import digest_of
from profiles.accounts.login_failures import forget_failures
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.passwords import is_password


def erase_account(user_id: int, password: str) -> None:
    """Delete the account and all that belongs to it; the caller commits.

    Profile, settings, draft, tokens and public row go with the user's row, by their foreign
    keys. Events still queued anywhere find no account and are dropped. Raises BadRequest for a
    wrong password.
    """
    # As with a log-in, neither a connection nor a lock is held while the password is hashed.
    hashes = read_rows("select password_hash from users where id = %(id)s", {"id": user_id})
    if not is_password(password, hashes[0][0] if hashes else None):
        raise BadRequest(
            "The password is not right.", code=ProblemCode.WRONG_PASSWORD, error="invalid_grant"
        )
    user = get_locked_user(user_id)
    if user.avatar_name:
        remove_file(user.avatar_name)
    # Before the cascade, which would delete a long log in one statement.
    erase_events(user_id)
    forget_failures(digest_of(user.email))
    db.session.delete(user)
    db.session.flush()
