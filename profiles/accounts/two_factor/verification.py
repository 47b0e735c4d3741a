"""Check a code of an account that has two factors; each is good once."""

from sqlalchemy import delete, func, select

from activity import Action, record
from common.database.session import db
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import lazy_gettext
from profiles.accounts.models import User
from profiles.accounts.two_factor.codes import (
    hash_of_recovery_code,
    matching_step,
    normal_code,
)
from profiles.accounts.two_factor.encryption import decrypt
from profiles.accounts.two_factor.models import RecoveryCode, TwoFactorSecret
from profiles.messages import MessageKind, enqueue


def accept_code(user: User, code: str) -> bool:
    """Whether `code` is the authenticator's or an unused recovery code; it is used up by this.

    The account is locked, so that of two requests with one code the second finds it used. The
    caller commits.
    """
    stored = db.session.get(TwoFactorSecret, user.id)
    if stored is not None and accept_totp(stored, code):
        return True
    return _accept_recovery_code(user, code)


def accept_totp(stored: TwoFactorSecret, code: str) -> bool:
    """Whether `code` is one that the authenticator shows now and that has not been accepted."""
    secret = decrypt(stored.encrypted_secret)
    step = None if secret is None else matching_step(secret, normal_code(code), stored.last_step)
    if step is None:
        return False
    stored.last_step = step
    db.session.flush()
    return True


def recovery_codes_left(user_id: int) -> int:
    """How many recovery codes of the account have not been used."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id)
    return db.session.scalar(query) or 0


def wrong_code() -> BadRequest:
    return BadRequest(
        lazy_gettext(
            "The code is not right, or has been used; wait for the next one and try again."
        ),
        code=ProblemCode.WRONG_CODE,
    )


def _accept_recovery_code(user: User, code: str) -> bool:
    used = db.session.scalars(
        delete(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == hash_of_recovery_code(user.id, code),
        )
        .returning(RecoveryCode.user_id)
    ).first()
    if used is None:
        return False
    remaining = recovery_codes_left(user.id)
    record(Action.AUTH_RECOVERY_CODE_USED, user.id, metadata={"remaining": remaining})
    enqueue(user, MessageKind.RECOVERY_CODE_USED)
    return True
