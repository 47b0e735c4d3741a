"""Turn two factors on and off."""

from datetime import timedelta

from sqlalchemy import delete

from activity import Action, record
from common.clock import now
from common.database.session import db
from common.http.problems.errors import Conflict, NotFound
from common.translation import lazy_gettext
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.models import User
from profiles.accounts.passwords.change import confirm_password
from profiles.accounts.sessions.open_sessions import end_other_sessions
from profiles.accounts.two_factor.codes import (
    RECOVERY_CODES,
    hash_of_recovery_code,
    new_recovery_code,
    new_secret,
)
from profiles.accounts.two_factor.encryption import encrypt
from profiles.accounts.two_factor.models import LoginTicket, RecoveryCode, TwoFactorSecret
from profiles.accounts.two_factor.verification import accept_code, accept_totp, wrong_code
from profiles.messages import MessageKind, enqueue

# How long a secret awaits the first code of the authenticator that has read it.
PENDING = timedelta(hours=1)


def start_enrolment(user_id: int) -> tuple[User, str]:
    """The account and a new secret, in force once confirmed; the caller commits.

    An earlier secret that was not confirmed is replaced. Raises Conflict when two factors are on.
    """
    user = get_locked_user(user_id)
    _refuse_if_on(user)
    secret = new_secret()
    db.session.merge(
        TwoFactorSecret(
            user_id=user.id, encrypted_secret=encrypt(secret), created_at=now(), last_step=0
        )
    )
    db.session.flush()
    return user, secret


def confirm_enrolment(user_id: int, code: str, session_id: str | None) -> list[str]:
    """Turn two factors on; the recovery codes, which are shown this once. The caller commits.

    All sessions but the one named end: they were opened by a password alone. Raises BadRequest for a
    wrong code, Conflict when two factors are on or none were started within the hour.
    """
    user = get_locked_user(user_id)
    _refuse_if_on(user)
    stored = db.session.get(TwoFactorSecret, user.id)
    if stored is None or stored.created_at + PENDING <= now():
        raise Conflict(
            lazy_gettext("There is nothing to confirm; start to turn on two factors first.")
        )
    if not accept_totp(stored, code):
        raise wrong_code()
    user.two_factor_since = now()
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    db.session.add_all(
        RecoveryCode(user_id=user.id, code_hash=hash_of_recovery_code(user.id, each))
        for each in codes
    )
    record(Action.AUTH_TWO_FACTOR_ENABLED, user.id)
    enqueue(user, MessageKind.TWO_FACTOR_ENABLED)
    end_other_sessions(user, session_id)
    db.session.flush()
    return codes


def turn_off(user_id: int, password: str, code: str) -> None:
    """Turn two factors off; the caller commits.

    Raises BadRequest for a wrong password or code, NotFound when they are off.
    """
    user = confirm_password(user_id, password)
    if user.two_factor_since is None:
        raise NotFound(lazy_gettext("Two factors are off."))
    if not accept_code(user, code):
        raise wrong_code()
    remove_two_factor(user)


def remove_two_factor(user: User) -> None:
    """Delete all that a locked account's two factors consist of; the caller commits."""
    user.two_factor_since = None
    for model in (TwoFactorSecret, RecoveryCode, LoginTicket):
        db.session.execute(
            delete(model)
            .where(model.user_id == user.id)
            .execution_options(synchronize_session=False)
        )
    record(Action.AUTH_TWO_FACTOR_DISABLED, user.id)
    enqueue(user, MessageKind.TWO_FACTOR_DISABLED)
    db.session.flush()


def _refuse_if_on(user: User) -> None:
    if user.two_factor_since is not None:
        raise Conflict(lazy_gettext("Two factors are on already; turn them off first."))
