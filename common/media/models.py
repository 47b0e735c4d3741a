"""Files whose addresses are dead."""

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Index, Text, func, true
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


class FileStore(Base):
    """The one store that this database's files are in, by the id that lies in it, too."""

    __tablename__ = "file_store"
    __table_args__ = (CheckConstraint("singleton", name="single_row"),)

    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=true())
    store_id: Mapped[str] = mapped_column(Text)
    # False until the store is known to have it.
    is_stored: Mapped[bool]
