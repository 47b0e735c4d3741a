"""Set a password by a token that came by mail, in place of a forgotten one."""

from activity import Action, record
from common.database.session import db
from profiles.accounts.address.verification import mark_verified
from profiles.accounts.one_time_tokens.issuing import revoke_tokens
from profiles.accounts.one_time_tokens.models import Purpose
from profiles.accounts.one_time_tokens.using import check_token, use_token
from profiles.accounts.passwords.hashing import hash_password
from profiles.accounts.sessions.open_sessions import end_other_sessions
from profiles.accounts.two_factor.enrolment import remove_two_factor
from profiles.messages import MessageKind, enqueue


def reset_password(token: str, new_password: str) -> None:
    """Set the password, end all sessions and tell the owner by mail; the caller commits.

    Raises BadRequest for a token that does not work.
    """
    # Only what is worth it is hashed, and neither a connection nor a lock is held meanwhile.
    check_token(token, Purpose.PASSWORD_RESET)
    new_hash = hash_password(new_password)
    user, *_ = use_token(token, Purpose.PASSWORD_RESET)
    user.password_hash = new_hash
    # What somebody with the former password, or with an older mail, has begun ends with it.
    revoke_tokens(user, [Purpose.PASSWORD_RESET, Purpose.CONFIRM_EMAIL])
    if not user.email_verified and user.two_factor_since is not None:
        # Turned on by somebody who never showed that the mailbox is theirs: whoever registers a
        # stranger's address must not lock its owner out for good.
        remove_two_factor(user)
    mark_verified(user)
    end_other_sessions(user, None)
    record(Action.AUTH_PASSWORD_RESET, user.id)
    enqueue(user, MessageKind.PASSWORD_CHANGED)
    db.session.flush()
