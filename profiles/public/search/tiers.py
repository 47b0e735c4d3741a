"""Keeps the tiers of search rows near their sizes.

Where a row belongs depends on its place in the default order and on where tiers end, nothing
else. As tiers follow one another in that order, no answer depends on where they end, only its
cost does. So the ends are moved seldom: by bulk loads, and by `flask rebuild-public`.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, text

from common.database.session import db
from profiles.public.search.models import TIERS

# So many tutors a tier holds; the last one holds the rest.
TIER_SIZES = (5_000, 45_000)
MOVED_AT_ONCE = 200
_KEY = 7_052_114_033


def tier_of(alias: str) -> str:
    """SQL: the tier of a row with a score and an id."""
    return (
        "(select count(*) from public_tiers ending where (ending.by_score, ending.tutor_id)"
        f" < (-{alias}.score, {alias}.tutor_id))::smallint"
    )


# A writer must not place a row by ends that are just being moved.
SHARE_ENDS = text(f"select pg_advisory_xact_lock_shared({_KEY})")
_CHANGE_ENDS = text(f"select pg_advisory_xact_lock({_KEY})")
_DELETE_ENDS = text("delete from public_tiers")
_SET_END = text("""
    insert into public_tiers (tier, by_score, tutor_id)
    select :tier, by_score, tutor_id from public_tutors order by by_score, tutor_id
    offset :last limit 1""")
_MISPLACED = f"from public_search stored where tier <> {tier_of('stored')}"
_READ_MISPLACED = text(f"select tutor_id {_MISPLACED} order by tutor_id")
_PLACE = f"update public_search stored set tier = {tier_of('stored')}"
_PLACE_ALL = text(f"{_PLACE} where tier <> {tier_of('stored')}")
_PLACE_SOME = text(f"{_PLACE} where tutor_id = any(:ids) and tier <> {tier_of('stored')}")
_LOCK = text("select id from users where id = any(:ids) order by id for no key update")


def set_ends(connection: Connection) -> None:
    """Let each tier end after so many tutors of the default order as it is to hold."""
    connection.execute(_CHANGE_ENDS)
    connection.execute(_DELETE_ENDS)
    last = -1
    for tier, size in zip(TIERS, TIER_SIZES, strict=False):
        last += size
        connection.execute(_SET_END, {"tier": tier, "last": last})


def place_all(connection: Connection) -> None:
    """Set the ends and put every row where it belongs, in the caller's transaction. For bulk loads."""
    set_ends(connection)
    connection.execute(_PLACE_ALL)


def balance() -> int:
    """The same while the service runs: commits batch by batch; how many rows were moved."""
    db.session.rollback()
    set_ends(db.session.connection())
    db.session.commit()
    misplaced = list(db.session.connection().scalars(_READ_MISPLACED))
    db.session.rollback()
    for ids in _batches(misplaced):
        connection = db.session.connection()
        connection.execute(_LOCK, {"ids": ids})
        connection.execute(_PLACE_SOME, {"ids": ids})
        db.session.commit()
    return len(misplaced)


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), MOVED_AT_ONCE):
        yield list(ids[start : start + MOVED_AT_ONCE])
