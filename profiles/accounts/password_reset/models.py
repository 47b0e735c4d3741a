"""The table of requests for a new password that nobody has looked into yet."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Identity, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base


class PasswordResetRequest(Base):
    """An address for which somebody has asked for a new password, whether or not anybody has it."""

    __tablename__ = "password_reset_requests"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email_key: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
