"""Tables of saved tutors and saved searches."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base
from profiles.models import account_key

MOST_SAVED_TUTORS = 500
MOST_SAVED_SEARCHES = 50
LONGEST_SEARCH_NAME = 100
# A search of a hundred Cyrillic letters, percent-encoded, is 600 characters; twenty subjects are more.
LONGEST_SEARCH_QUERY = 4096


class SavedTutor(Base):
    """A listed tutor whom a person saved.

    It refers to the public row, so it ends with the listing: one who unlists is as if never saved.
    """

    __tablename__ = "saved_tutors"
    __table_args__ = (
        # In which order they were saved; a page of the list is a range of it.
        UniqueConstraint("user_id", "position"),
        # For the cascade of a tutor who unlists.
        Index(None, "tutor_id"),
    )

    user_id: Mapped[int] = account_key()
    tutor_id: Mapped[int] = mapped_column(
        ForeignKey("public_tutors.tutor_id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SavedSearch(Base):
    """A query of the list under a name of its owner's."""

    __tablename__ = "saved_searches"
    __table_args__ = (
        Index(None, "user_id", "saved_at"),
        CheckConstraint(f"char_length(name) between 1 and {LONGEST_SEARCH_NAME}", name="name"),
        CheckConstraint(f"char_length(query) <= {LONGEST_SEARCH_QUERY}", name="query"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Text)
    # As it stands behind the list's question mark.
    query: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_looked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
