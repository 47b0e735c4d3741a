"""What two factors need stored: the secret, the recovery codes, the tickets of log-ins under way.

Whether an account has two factors is `users.two_factor_since`: a secret alone may await its
confirmation.
"""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base


class TwoFactorSecret(Base):
    """The secret that an account and its authenticator share."""

    __tablename__ = "two_factor_secrets"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    # A Fernet token (`encryption`).
    encrypted_secret: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # The latest time step (RFC 6238) whose code was accepted; no code of it or before is again.
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)


class RecoveryCode(Base):
    """A recovery code that has not been used, as a SHA-256 hash."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)


class LoginTicket(Base):
    """Proves that its holder has given an account's password; stored as a SHA-256 hash."""

    __tablename__ = "login_tickets"
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"))

    ticket_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Of the password's hash: the ticket dies with the password that it was given for.
    password_digest: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    wrong_codes: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
