"""The table of tokens that were sent by mail and not used yet."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base


class Purpose(StrEnum):
    """What a token allows its holder. A token of one purpose serves no other."""

    PASSWORD_RESET = "password_reset"
    VERIFY_EMAIL = "verify_email"
    CONFIRM_EMAIL = "confirm_email"
    UNDO_EMAIL = "undo_email"


class OneTimeToken(Base):
    """One token, stored as a SHA-256 hash and deleted when it is used."""

    __tablename__ = "one_time_tokens"
    __table_args__ = (
        CheckConstraint(
            "purpose in ('password_reset', 'verify_email', 'confirm_email', 'undo_email')",
            name="purpose",
        ),
        Index(None, "user_id"),
        Index(None, "expires_at"),
        Index(None, "email_key"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    # The address it was sent to, which its use proves and, of UNDO_EMAIL, restores.
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
