"""The table that searches by words read: one narrow row per listed tutor, in tiers.

A tier is a partition, and the best tutors of the default order are in the first: a search for the
best matches of a common word reads the first tier only, however many tutors there are. The row is
narrow because a search visits it for every match; PostgreSQL stores its document apart (TOAST).
"""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base

TIERS = (0, 1, 2)
# Where a word stands, as prefixes of its lexemes (see TsvectorBuilder): in the name; in name or
# headline; in these or the subjects. Every word is stored without a prefix too.
NAME, TITLE, TOPICS = "@", "$", "#"


class PublicSearch(Base):
    """One listed tutor, to be found by words and filters, and put in any order."""

    __tablename__ = "public_search"
    __table_args__: Any = (
        # Saves are few beside searches, and a list of pending entries would slow every one.
        Index(
            "ix_public_search_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        {"postgresql_partition_by": "LIST (tier)"},
    )

    registered_us: Mapped[int] = mapped_column(BigInteger)
    tutor_id: Mapped[int] = mapped_column(
        ForeignKey("public_tutors.tutor_id", ondelete="CASCADE"), primary_key=True
    )
    score: Mapped[int]
    hourly_rate: Mapped[int | None] = mapped_column(Integer)
    tier: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    experience_years: Mapped[int | None] = mapped_column(SmallInteger)
    # Hundredths of a star.
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    # Every word and its stems, again behind the prefixes of where it stands, and the filters' lexemes.
    words: Mapped[str] = mapped_column(TSVECTOR)


class PublicTier(Base):
    """The place in the default order where a tier ends; the last one has no end."""

    __tablename__ = "public_tiers"

    tier: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    by_score: Mapped[int]
    tutor_id: Mapped[int]
