"""Files whose addresses are dead."""

from datetime import datetime

from sqlalchemy import DateTime, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base


class WithdrawnFile(Base):
    """A file that is no longer served under its name, from the commit of this row on.

    The row lives until the store has followed: a file with a successor is copied to that name
    first, and served under it meanwhile; then it is deleted.
    """

    __tablename__ = "withdrawn_files"
    __table_args__ = (Index(None, "successor", unique=True),)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    successor: Mapped[str | None] = mapped_column(Text)
    withdrawn_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
