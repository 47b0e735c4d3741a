"""Change the account's address: asked for with the password, in force once the new mailbox has
confirmed it, and for 72 hours undone from the old one."""

from psycopg2.errors import UniqueViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from activity import Action, record
from common.database.session import db
from profiles.accounts.address.verification import mark_verified
from profiles.accounts.fields.email import email_key
from profiles.accounts.login.failures import forget_failures
from profiles.accounts.login.limits import digest_of
from profiles.accounts.lookup import address_taken
from profiles.accounts.models import User
from profiles.accounts.one_time_tokens.issuing import (
    LIFETIMES,
    is_reserved,
    issue_token,
    revoke_tokens,
)
from profiles.accounts.one_time_tokens.models import Purpose
from profiles.accounts.one_time_tokens.using import UsedToken, use_token
from profiles.accounts.passwords.change import confirm_password
from profiles.accounts.sessions.open_sessions import end_other_sessions
from profiles.messages import MessageKind, enqueue

ADDRESS_LOCK = 1_702_521_003
# In one order. Two accounts that take each other's address at one moment would each have its row
# written, and wait in the unique index for the other one.
LOCK_ADDRESSES = text("""
    select pg_advisory_xact_lock(:key, number) from (
        select distinct hashtext(address) as number
        from unnest(cast(:addresses as text[])) address order by number) numbers""")


def request_change(user_id: int, password: str, email: str) -> None:
    """Send a link to the new address that puts it in force; the caller commits.

    The same is done for an address that has an account: whoever reads its mail learns it from the
    link, and nobody else. Raises as confirm_password.
    """
    user = confirm_password(user_id, password)
    revoke_tokens(user, [Purpose.CONFIRM_EMAIL])
    token = issue_token(user, Purpose.CONFIRM_EMAIL, email)
    enqueue(
        user,
        MessageKind.CONFIRM_NEW_EMAIL,
        recipient=email,
        link_path=f"/verify-email#token={token}",
        valid_for=LIFETIMES[Purpose.CONFIRM_EMAIL],
    )
    record(Action.AUTH_EMAIL_CHANGE_REQUESTED, user.id)


def prove_address(token: str) -> None:
    """Use a token that came by mail: verify the present address, or put a new one in force.

    The caller commits. Raises BadRequest for a token that does not work, Conflict when the new
    address has become another account's.
    """
    used = use_token(token, Purpose.VERIFY_EMAIL, Purpose.CONFIRM_EMAIL)
    if used.purpose == Purpose.CONFIRM_EMAIL:
        _put_in_force(used)
    mark_verified(used.user)


def undo_change(token: str) -> None:
    """Restore the address that the token was sent to, and end all sessions; the caller commits.

    Raises as prove_address.
    """
    user, _, email = use_token(token, Purpose.UNDO_EMAIL)
    _set_address(user, email)
    # Also the undoing of changes in between, which went to mailboxes that are not the owner's.
    revoke_tokens(user, Purpose)
    mark_verified(user)
    end_other_sessions(user, None)
    record(Action.AUTH_EMAIL_CHANGE_UNDONE, user.id)
    enqueue(user, MessageKind.EMAIL_CHANGE_UNDONE)


def _put_in_force(used: UsedToken) -> None:
    user, former = used.user, used.user.email
    if used.email == former:
        # Nothing changes, so there is nothing to undo: the address is verified.
        return
    _set_address(user, used.email)
    # They are in the former mailbox.
    revoke_tokens(user, [Purpose.PASSWORD_RESET, Purpose.VERIFY_EMAIL, Purpose.CONFIRM_EMAIL])
    token = issue_token(user, Purpose.UNDO_EMAIL, former)
    enqueue(
        user,
        MessageKind.EMAIL_CHANGED,
        recipient=former,
        link_path=f"/undo-email-change#token={token}",
        valid_for=LIFETIMES[Purpose.UNDO_EMAIL],
    )
    record(Action.AUTH_EMAIL_CHANGED, user.id)


def _set_address(user: User, email: str) -> None:
    """Raises Conflict when it is another account's, or one may still return to it."""
    forget_failures(digest_of(user.email))
    addresses = [user.email_key, email_key(email)]
    db.session.execute(LOCK_ADDRESSES, {"key": ADDRESS_LOCK, "addresses": addresses})
    try:
        with db.session.begin_nested():
            user.email, user.email_key = email, email_key(email)
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise address_taken() from None
        raise
    # After the unique index has made this transaction wait for those that give the address up.
    if is_reserved(email, user.id):
        raise address_taken()
