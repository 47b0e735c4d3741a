"""Use a token: once, in time, and for what it was issued."""

from typing import NamedTuple

from sqlalchemy import delete

from common.clock import now
from common.database.session import db, read_rows
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import lazy_gettext
from profiles.accounts.lookup import find_locked_user
from profiles.accounts.models import User
from profiles.accounts.one_time_tokens.issuing import hash_of
from profiles.accounts.one_time_tokens.models import OneTimeToken, Purpose

READ_OWNER = """
    select user_id from one_time_tokens
    where token_hash = decode(%(hash)s, 'hex') and purpose = any(%(purposes)s)
      and expires_at > %(now)s
"""


class UsedToken(NamedTuple):
    """What a token proves: that its holder reads the mail of `email` and may act for the account."""

    user: User
    purpose: Purpose
    email: str


def check_token(token: str, *purposes: Purpose) -> int:
    """The id of the account that a token of one of the purposes would act for; uses it not.

    Raises BadRequest, the same for a malformed, unknown, used and expired token, and for one of
    another purpose.
    """
    values = {"hash": hash_of(token).hex(), "purposes": [*map(str, purposes)], "now": now()}
    owners = read_rows(READ_OWNER, values)
    if not owners:
        raise invalid_token()
    owner: int = owners[0][0]
    return owner


def use_token(token: str, *purposes: Purpose) -> UsedToken:
    """Use up a token of one of the purposes, and lock its account; the caller commits.

    Of several callers at once one succeeds. Raises as check_token, also for an account that is
    not active.
    """
    user = find_locked_user(check_token(token, *purposes))
    if user is None or not user.is_active:
        raise invalid_token()
    # Asked again under the lock: another caller may have used it meanwhile.
    used = db.session.execute(
        delete(OneTimeToken)
        .where(
            OneTimeToken.token_hash == hash_of(token),
            OneTimeToken.purpose.in_([*purposes]),
            OneTimeToken.expires_at > now(),
            OneTimeToken.user_id == user.id,
        )
        .returning(OneTimeToken.purpose, OneTimeToken.email)
    ).one_or_none()
    if used is None:
        raise invalid_token()
    return UsedToken(user, Purpose(used.purpose), used.email)


def invalid_token() -> BadRequest:
    return BadRequest(
        lazy_gettext("This link does not work, or works no more. Ask for another one."),
        code=ProblemCode.INVALID_ONE_TIME_TOKEN,
    )
