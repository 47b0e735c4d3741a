"""Accounts and the refresh tokens of their sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base

ROLES = ("student", "tutor", "admin", "superadmin")
LONGEST_EMAIL = 254
LONGEST_NAME = 150


class User(Base):
    """An account. Every writer of anything of the account locks its row first."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role in ('student', 'tutor', 'admin', 'superadmin')", name="role"),
        CheckConstraint("char_length(first_name) between 1 and 150", name="first_name"),
        CheckConstraint("char_length(last_name) between 1 and 150", name="last_name"),
        # The parameters of the PHC string, such as "m=19456,t=2,p=1".
        Index("ix_users_password_cost", text("split_part(password_hash, '$', 4)")),
        Index(
            "ix_users_unverified_login_at",
            "unverified_login_at",
            postgresql_where=text("unverified_login_at is not null"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(String(LONGEST_EMAIL))
    # The address without regard to case, folded in Python so that no server's locale matters.
    email_key: Mapped[str] = mapped_column(String(2 * LONGEST_EMAIL), unique=True)
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))
    first_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    last_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    timezone: Mapped[str] = mapped_column(String(64))
    is_self_learning: Mapped[bool] = mapped_column(server_default=false())
    is_active: Mapped[bool] = mapped_column(server_default=true())
    avatar_name: Mapped[str | None] = mapped_column(String(120))
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # Whether somebody has proved that mail to the address reaches them.
    email_verified: Mapped[bool] = mapped_column(server_default=false())
    # The latest log-in while the address was unverified, at first the registration; null once it
    # is verified, and of accounts of releases that verified none, which are never erased for it.
    unverified_login_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # Since when a log-in asks for a code too; null: the password is enough.
    two_factor_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RefreshToken(Base):
    """One refresh token, stored as a SHA-256 hash. Tokens of one log-in share a family."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        Index(None, "user_id"),
        Index(None, "family_id"),
        Index(None, "expires_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    family_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    rotated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # The token's successor, readable only by who presents the token; null until it is rotated.
    successor: Mapped[bytes | None]
    # When the family's log-in was; null in rows of older releases.
    session_started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # Of the request that the token was issued to.
    ip_address: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str | None] = mapped_column(Text)
