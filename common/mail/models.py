"""The outbox: mails that are to be handed to a mail server."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base


class OutboxMail(Base):
    """A waiting mail. The row, whose text may hold a secret link, is deleted once it is sent."""

    __tablename__ = "outbox_mails"
    __table_args__ = (Index(None, "user_id"), Index(None, "next_attempt_at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # The users table by name: mail knows people only by id.
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    # The same at every attempt, so that a mail server can drop doubles.
    message_id: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    text_body: Mapped[str] = mapped_column(Text)
    html_body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    give_up_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(server_default="0", default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # Until then it belongs to the process that is sending it.
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
