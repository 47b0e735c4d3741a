"""What searches by words read: one narrow row per listed tutor, in tiers of the default order.

A tier is a partition, and the best tutors are in the first: whoever needs the best matches of a
common word asks the first tier and is done, however many tutors there are. The row is narrow
because a search visits it for every match; its document is kept aside by PostgreSQL (toasted).
"""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, SmallInteger
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base

TIERS = (0, 1, 2)
# What stands where, as marks of its lexemes (see TsvectorBuilder): the name; name and headline;
# these and the subjects. All words are there without a mark.
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
    # Every word and its stems, again behind the marks of where it stands, and the filters' lexemes.
    words: Mapped[str] = mapped_column(TSVECTOR)


class PublicTier(Base):
    """The place in the default order where a tier ends; the last one has no end."""

    __tablename__ = "public_tiers"

    tier: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    by_score: Mapped[int]
    tutor_id: Mapped[int]
