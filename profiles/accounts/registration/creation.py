"""Create an account: the user, an empty profile of its role, and settings, in one transaction."""

from psycopg2.errors import UniqueViolation
from sqlalchemy.exc import IntegrityError

from activity import Action, record
from common.clock import now
from common.database.session import db
from profiles.accounts.address.verification import can_be_verified
from profiles.accounts.fields.email import email_key, normal_email
from profiles.accounts.fields.timezones import DEFAULT_TIMEZONE
from profiles.accounts.lookup import address_taken
from profiles.accounts.models import User
from profiles.accounts.one_time_tokens.issuing import is_reserved
from profiles.accounts.passwords.hashing import hash_password
from profiles.models import StudentProfile, TutorProfile, UserSettings

__all__ = ["hash_password", "register"]

PROFILES: dict[str, type[TutorProfile] | type[StudentProfile]] = {
    "tutor": TutorProfile,
    "student": StudentProfile,
}


def register(
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    *,
    role: str = "student",
    timezone: str | None = None,
    password_hash: str | None = None,
    email_verified: bool = False,
) -> User:
    """Add an account with everything that belongs to it; the caller commits.

    The values have been checked by the caller. `password_hash` spares hashing one password for
    many accounts; `email_verified` says that the address needs no proof. Raises Conflict when the
    email is taken, or the account that had it may still return to it.
    """
    registered_at = now()
    user = User(
        email=normal_email(email),
        email_key=email_key(email),
        password_hash=password_hash or hash_password(password),
        role=role,
        first_name=first_name,
        last_name=last_name,
        timezone=timezone or DEFAULT_TIMEZONE,
        is_self_learning=role == "student",
        is_active=True,
        registered_at=registered_at,
        email_verified=email_verified,
        unverified_login_at=(registered_at if can_be_verified() and not email_verified else None),
    )
    _insert(user)
    # After the unique index has made this transaction wait for one that gives the address up.
    if is_reserved(user.email, user.id):
        raise address_taken()
    if role in PROFILES:
        db.session.add(PROFILES[role](user_id=user.id))
    db.session.add(UserSettings(user_id=user.id))
    record(Action.AUTH_REGISTERED, user.id, metadata={"role": role})
    db.session.flush()
    return user


def _insert(user: User) -> None:
    """Insert the user. Of several registrations at once the unique index accepts one. Raises Conflict."""
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise address_taken() from None
        raise
