"""The daily counts of how tutors are found, and the short-lived rows that they are made from.

Days are in UTC. Callers are keyed hashes whose key is deleted with the day; texts of searches are
stored only once five callers have searched for them on one day.
"""

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKey, Identity, Index, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base

# Counting up touches no index, so that PostgreSQL keeps the new version on the same page.
HOT_UPDATES = {"postgresql_with": {"fillfactor": 70}}


def _account() -> Mapped[int]:
    return mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class InsightSalt(Base):
    """The key of a day's hashes of callers, deleted when the day is over."""

    __tablename__ = "insight_salts"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[bytes]


class InsightPage(Base):
    """A page of a list that was shown `number` times, until its tutors are counted."""

    __tablename__ = "insight_pages"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    tutor_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    # Of a further page nobody knows at which position it begins.
    is_first: Mapped[bool]
    filters: Mapped[list[str]] = mapped_column(ARRAY(Text))
    number: Mapped[int] = mapped_column(BigInteger)


class TutorDailyCount(Base):
    """How often a tutor was viewed, and shown in lists, on one day.

    `placed` of the appearances were on first pages; `position_sum` is the sum of their positions.
    """

    __tablename__ = "tutor_daily_counts"
    __table_args__ = (Index(None, "day"), HOT_UPDATES)

    tutor_id: Mapped[int] = _account()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
    appearances: Mapped[int] = mapped_column(BigInteger)
    placed: Mapped[int] = mapped_column(BigInteger)
    position_sum: Mapped[int] = mapped_column(BigInteger)


class TutorVisitor(Base):
    """That a caller was counted on a day: for a view (`kind` 0), or for one by a search (1)."""

    __tablename__ = "tutor_visitors"

    tutor_id: Mapped[int] = _account()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    visitor: Mapped[bytes] = mapped_column(primary_key=True)


class TutorSearchView(Base):
    """How many visitors of a day came to a tutor by a search, named by its keyed hash."""

    __tablename__ = "tutor_search_views"
    __table_args__ = (Index(None, "day"), HOT_UPDATES)

    tutor_id: Mapped[int] = _account()
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    search: Mapped[bytes] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)


class SearchQuestion(Base):
    """Which search a `query_id` belongs to, both as keyed hashes; for a day after it was asked."""

    __tablename__ = "search_questions"

    question: Mapped[bytes] = mapped_column(primary_key=True)
    search: Mapped[bytes]
    day: Mapped[date] = mapped_column(Date)


class SearchCaller(Base):
    """That a caller searched for something on a day; deleted with the day."""

    __tablename__ = "search_callers"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    search: Mapped[bytes] = mapped_column(primary_key=True)
    caller: Mapped[bytes] = mapped_column(primary_key=True)


class SearchDailyCount(Base):
    """How often something was searched for on a day, by how many callers, how often in vain.

    `query`, its text, is null until five callers have asked; a row without it lasts a day.
    """

    __tablename__ = "search_daily_counts"
    __table_args__ = (Index(None, "search"), HOT_UPDATES)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    search: Mapped[bytes] = mapped_column(primary_key=True)
    query: Mapped[str | None] = mapped_column(Text)
    requests: Mapped[int] = mapped_column(BigInteger)
    without_results: Mapped[int] = mapped_column(BigInteger)
    callers: Mapped[int] = mapped_column(Integer)


class ListingDailyCount(Base):
    """Of a day's lists: how often a filter was used (`kind` "filter"), and how often a position
    was shown and led to a view ("position")."""

    __tablename__ = "listing_daily_counts"
    __table_args__ = (HOT_UPDATES,)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    shown: Mapped[int] = mapped_column(BigInteger)
    views: Mapped[int] = mapped_column(BigInteger)
