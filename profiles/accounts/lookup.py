"""Find accounts by id or email; lock their rows before writing."""

from sqlalchemy import select

from common.database.session import db
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import Conflict, Unauthorized
from common.translation import lazy_gettext
from profiles.accounts.fields.email import email_key
from profiles.accounts.models import User


def find_user_by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email_key == email_key(email)))


def find_locked_user(user_id: int) -> User | None:
    """The account as it stands now, its row locked until the transaction ends.

    Every writer of anything of an account takes this lock first: so writers of one account are
    serialised, and cannot deadlock.
    """
    return db.session.scalar(
        select(User)
        .where(User.id == user_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def get_locked_user(user_id: int) -> User:
    """As find_locked_user; a 401 when the account was erased or deactivated in the meantime."""
    return _acting(find_locked_user(user_id))


def get_user(user_id: int) -> User:
    """The account of the caller; a 401 when it was erased or deactivated in the meantime."""
    return _acting(db.session.get(User, user_id))


def _acting(user: User | None) -> User:
    if user is None or not user.is_active:
        raise account_missing()
    return user


def address_taken() -> Conflict:
    """The 409 for an email that is another account's."""
    return Conflict(
        lazy_gettext("There is already an account with this email."), code=ProblemCode.EMAIL_TAKEN
    )


def account_missing() -> Unauthorized:
    """The 401 for a token whose account was erased or deactivated after it was checked."""
    return Unauthorized(
        lazy_gettext("The account of this token is no longer active."),
        code=ProblemCode.INACTIVE_ACCOUNT,
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
