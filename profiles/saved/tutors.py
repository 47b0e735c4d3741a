"""A person's saved tutors: saved, removed, and read as cards."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from activity import Action, record
from common.clock import now
from common.database.session import db, read_rows
from common.http.pagination import Page, Position, paginate
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import Conflict, NotFound
from common.http.schemas.fields import LARGEST_INTEGER
from common.translation import lazy_gettext, lazy_ngettext
from profiles.accounts.lookup import get_locked_user
from profiles.public.models import PublicTutor
from profiles.saved.models import MOST_SAVED_TUTORS, SavedTutor

NO_SUCH_TUTOR = lazy_gettext("There is no such tutor.")
FULL = lazy_ngettext(
    "You have saved {tutors} tutor, which is the most; remove one first.",
    "You have saved {tutors} tutors, which is the most; remove one first.",
    "tutors",
    tutors=MOST_SAVED_TUTORS,
)

_PAGE = """
    select saved.position, tutor.card
    from saved_tutors saved join public_tutors tutor on tutor.tutor_id = saved.tutor_id
    where saved.user_id = %(user_id)s and saved.position {side} %(position)s
    order by saved.position {order} limit %(limit)s"""
OLDER = _PAGE.format(side="<", order="desc")
NEWER = _PAGE.format(side=">", order="asc")
BEFORE_ALL = 2**63 - 1


class SavedCard(NamedTuple):
    """A saved tutor: its place in the order of saving, and its card, ready JSON."""

    position: int
    card: str


def save_tutor(user_id: int, tutor_id: int) -> None:
    """Save a listed tutor; one who is saved already stays where it is. The caller commits.

    Raises NotFound for whoever is not listed, Conflict where MOST_SAVED_TUTORS are saved.
    """
    # Whoever saves at once for the same person waits here, so that the limit holds.
    get_locked_user(user_id)
    if not _is_listed(tutor_id):
        raise NotFound(NO_SUCH_TUTOR)
    mine = SavedTutor.user_id == user_id
    if db.session.scalar(select(SavedTutor.position).where(mine, SavedTutor.tutor_id == tutor_id)):
        return
    number = db.session.scalar(select(func.count()).select_from(SavedTutor).where(mine)) or 0
    if number >= MOST_SAVED_TUTORS:
        raise Conflict(FULL, code=ProblemCode.SAVED_LIMIT_REACHED)
    values = {"user_id": user_id, "tutor_id": tutor_id, "saved_at": now()}
    db.session.execute(insert(SavedTutor).values(values))
    record(Action.TUTOR_SAVED, user_id, metadata={"tutor_id": tutor_id})


def _is_listed(tutor_id: int) -> bool:
    """Whether the tutor is listed, and remains so until the transaction ends."""
    if tutor_id > LARGEST_INTEGER:
        return False
    row = select(PublicTutor.tutor_id).where(PublicTutor.tutor_id == tutor_id)
    return db.session.scalar(row.with_for_update(read=True, key_share=True)) is not None


def remove_tutor(user_id: int, tutor_id: int) -> None:
    """Remove a saved tutor, if that one is saved. The caller commits."""
    get_locked_user(user_id)
    if tutor_id > LARGEST_INTEGER:
        return
    removed = db.session.scalar(
        delete(SavedTutor)
        .where(SavedTutor.user_id == user_id, SavedTutor.tutor_id == tutor_id)
        .returning(SavedTutor.tutor_id)
    )
    if removed is not None:
        record(Action.TUTOR_UNSAVED, user_id, metadata={"tutor_id": tutor_id})


def lock_before_erasure(user_id: int) -> None:
    """Lock all that the erasure of a locked account deletes of saved tutors, until the transaction ends.

    Two tutors who saved each other have two rows in common. Their erasures take them in one order,
    and not as the cascades would, each its own first: so they never deadlock.
    """
    # First, so that nobody saves the tutor any more.
    listing = select(PublicTutor.tutor_id).where(PublicTutor.tutor_id == user_id)
    db.session.execute(listing.with_for_update())
    common = or_(SavedTutor.user_id == user_id, SavedTutor.tutor_id == user_id)
    in_order = select(SavedTutor.user_id).order_by(SavedTutor.user_id, SavedTutor.tutor_id)
    db.session.execute(in_order.where(common).with_for_update())


def list_saved_tutors(user_id: int, page_size: int, cursor: str | None) -> Page[SavedCard]:
    """One page of the saved tutors, the latest saved first. Raises BadRequest for a foreign cursor."""

    def fetch(position: Position | None, limit: int) -> Sequence[SavedCard]:
        backward = position is not None and position.backward
        place = BEFORE_ALL if position is None else position.key[0]
        values = {"user_id": user_id, "position": place, "limit": limit}
        rows = read_rows(NEWER if backward else OLDER, values)
        return [SavedCard(*row) for row in rows]

    return paginate(fetch, _key_of, page_size, cursor, f"saved tutors {user_id}")


def _key_of(saved: SavedCard) -> tuple[Any, ...]:
    return (saved.position,)


def saved_tutors_of(user_id: int) -> list[SavedTutor]:
    """All of a person's saved tutors, the latest saved first."""
    mine = select(SavedTutor).where(SavedTutor.user_id == user_id)
    return list(db.session.scalars(mine.order_by(SavedTutor.position.desc())))
