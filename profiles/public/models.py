"""Public rows: what strangers may see of each listed tutor, and nothing else.

Public endpoints read these tables only and look at no flag: a hidden value cannot be probed
because it is not here. An unlisted tutor has no row.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Computed,
    Connection,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base, read_rows

EMPTY_LAST = 2_147_483_647
REVISION_SLOTS = 16
# Per slot. A process that misses more reads all public rows again.
STORED_CHANGES = 1000
# A change of more tutors than these names none of them.
MOST_CHANGED = 1000
# Ascending keys, one per ordering, so that every page is "(key, id) > (last key, last id)" and
# ties always go by ascending id. An empty value sorts as the largest number either way.
SORT_KEYS: dict[str, tuple[type[Integer] | type[BigInteger], str]] = {
    "by_score": (Integer, "-score"),
    "by_rate": (Integer, f"coalesce(hourly_rate, {EMPTY_LAST})"),
    "by_rate_desc": (Integer, f"coalesce(-hourly_rate, {EMPTY_LAST})"),
    "by_experience": (Integer, f"coalesce(experience_years::int, {EMPTY_LAST})"),
    "by_experience_desc": (Integer, f"coalesce(-experience_years::int, {EMPTY_LAST})"),
    "by_rating": (Integer, f"coalesce(rating::int, {EMPTY_LAST})"),
    "by_rating_desc": (Integer, f"coalesce(-rating::int, {EMPTY_LAST})"),
    "by_newest": (BigInteger, "-registered_us"),
}
# Filters are decided on these columns inside the ordering's index, without visiting the row.
FILTER_COLUMNS = ("hourly_rate", "experience_years", "languages", "has_certifications")


def sort_key(name: str) -> Mapped[int]:
    kind, expression = SORT_KEYS[name]
    return mapped_column(kind, Computed(expression, persisted=True), nullable=False)


class Sortable:
    """The columns that lists are filtered and ordered by."""

    hourly_rate: Mapped[int | None] = mapped_column(Integer)
    experience_years: Mapped[int | None] = mapped_column(SmallInteger)
    # Hundredths of a star.
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    # ISO 639-1 codes, each after a comma (",uk,en"): small enough to live in every index.
    languages: Mapped[str] = mapped_column(Text)
    has_certifications: Mapped[bool]
    score: Mapped[int]
    # Microseconds since 1970.
    registered_us: Mapped[int] = mapped_column(BigInteger)

    by_score: Mapped[int] = sort_key("by_score")
    by_rate: Mapped[int] = sort_key("by_rate")
    by_rate_desc: Mapped[int] = sort_key("by_rate_desc")
    by_experience: Mapped[int] = sort_key("by_experience")
    by_experience_desc: Mapped[int] = sort_key("by_experience_desc")
    by_rating: Mapped[int] = sort_key("by_rating")
    by_rating_desc: Mapped[int] = sort_key("by_rating_desc")
    by_newest: Mapped[int] = sort_key("by_newest")


def covering_indexes(prefix: str, *leading: str) -> list[Index]:
    """One index per ordering that holds every filter column too."""
    return [
        Index(
            f"ix_{prefix}_{name}",
            *leading,
            name,
            "tutor_id",
            postgresql_include=FILTER_COLUMNS,
        )
        for name in SORT_KEYS
    ]


class PublicTutor(Sortable, Base):
    """The public view of one listed tutor."""

    __tablename__ = "public_tutors"
    __table_args__: Any = (*covering_indexes("public_tutors"),)

    tutor_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    card: Mapped[str] = mapped_column(Text)
    etag: Mapped[str] = mapped_column(Text)


class PublicSubject(Base):
    """A number for every subject that a listed tutor shows: a catalogue code or a normalised text."""

    __tablename__ = "public_subjects"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)


class PublicTutorSubject(Sortable, Base):
    """A listed tutor under one subject, with all a list is filtered and ordered by."""

    __tablename__ = "public_tutor_subjects"
    __table_args__: Any = tuple(covering_indexes("public_tutor_subjects", "subject_id"))

    tutor_id: Mapped[int] = mapped_column(
        ForeignKey("public_tutors.tutor_id", ondelete="CASCADE"), primary_key=True
    )
    subject_id: Mapped[int] = mapped_column(ForeignKey("public_subjects.id"), primary_key=True)


class PublicRevision(Base):
    """A random number in each of a few slots, so that writers seldom wait for each other.

    The sum is the revision: the very commit that changes a public row draws another number, so no
    revision ever returns. A counter's would: a promoted replica or a restored backup goes on from
    an older state, reuses the numbers of the changes that were lost, and caches that hold these
    would take them for its own.

    Any snapshot sees each slot once. A change draws a new position, so that the current rows are
    the newest, with few dead ones among them, however many an old snapshot keeps from being removed.
    """

    __tablename__ = "public_revision"

    position: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger, server_default="0")
    # Of the slot's latest change. Unlike `n` it may return after a fail-over.
    version: Mapped[int] = mapped_column(BigInteger, server_default="0")


class PublicChange(Base):
    """Whose public rows changed when a slot of the revision went from `previous` to `n`.

    Versions of a slot count up in commit order, because its row is locked until the commit. The
    latest changes of each slot are stored; a reader that finds its own number in none of them, or
    a link missing, has to read all public rows again. Ids only: what changed is read from the rows.
    """

    __tablename__ = "public_changes"

    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    previous: Mapped[int] = mapped_column(BigInteger)
    n: Mapped[int] = mapped_column(BigInteger)
    # Null where they were too many to name.
    tutor_ids: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))


# Drawn anew for each row; sixteen of them sum up within a bigint.
RANDOM_REVISION = f"(hashtextextended(gen_random_uuid()::text, 0) & {2**59 - 1})"
# (slot, version, n, position) of every slot. The walk along the primary key ends at the last row,
# above the dead ones.
REVISION_ROWS = f"""(select slot, version, n, position from public_revision
    order by position desc limit {REVISION_SLOTS})"""
REVISION = f"select sum(n)::bigint from {REVISION_ROWS} slots"


def public_revision(connection: Connection) -> int:
    """The revision of all public rows, as the connection's transaction sees them."""
    revision: int = connection.exec_driver_sql(REVISION).scalar() or 0
    return revision


def read_revision() -> int:
    """The revision of all public rows. Read it before the rows it is to stand for."""
    revision: int = read_rows(REVISION)[0][0]
    return revision
