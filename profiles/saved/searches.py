"""A person's saved searches: saved, looked at, deleted and listed. What they find is not known here."""

from uuid import UUID, uuid4

from sqlalchemy import delete, func, select

from activity import Action, record
from common.clock import now
from common.database.session import db
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import Conflict, NotFound
from common.translation import lazy_gettext, lazy_ngettext
from profiles.accounts.lookup import get_locked_user
from profiles.saved.models import MOST_SAVED_SEARCHES, SavedSearch

NO_SUCH_SEARCH = lazy_gettext("You have no such saved search.")
FULL = lazy_ngettext(
    "You have saved {searches} search, which is the most; delete one first.",
    "You have saved {searches} searches, which is the most; delete one first.",
    "searches",
    searches=MOST_SAVED_SEARCHES,
)


def save_search(user_id: int, name: str, query: str) -> SavedSearch:
    """Save a valid query of the list under a name; it counts as looked at. The caller commits.

    Raises Conflict where MOST_SAVED_SEARCHES are saved.
    """
    get_locked_user(user_id)
    mine = SavedSearch.user_id == user_id
    number = db.session.scalar(select(func.count()).select_from(SavedSearch).where(mine)) or 0
    if number >= MOST_SAVED_SEARCHES:
        raise Conflict(FULL, code=ProblemCode.SAVED_LIMIT_REACHED)
    timestamp = now()
    search = SavedSearch(
        id=uuid4(),
        user_id=user_id,
        name=name,
        query=query,
        saved_at=timestamp,
        last_looked_at=timestamp,
    )
    db.session.add(search)
    details = {"search_id": str(search.id), "name": name, "query": query}
    record(Action.SEARCH_SAVED, user_id, metadata=details)
    return search


def look_at(user_id: int, search_id: UUID) -> None:
    """From now on only later tutors are new to this search. The caller commits. Raises NotFound."""
    search = _get_locked(user_id, search_id)
    search.last_looked_at = max(search.last_looked_at, now())


def delete_search(user_id: int, search_id: UUID) -> None:
    """The caller commits. Raises NotFound, for another's search too."""
    search = _get_locked(user_id, search_id)
    db.session.execute(delete(SavedSearch).where(SavedSearch.id == search.id))
    record(Action.SEARCH_DELETED, user_id, metadata={"search_id": str(search_id)})


def _get_locked(user_id: int, search_id: UUID) -> SavedSearch:
    get_locked_user(user_id)
    owned = SavedSearch.id == search_id, SavedSearch.user_id == user_id
    search = db.session.scalar(select(SavedSearch).where(*owned))
    if search is None:
        raise NotFound(NO_SUCH_SEARCH)
    return search


def saved_searches_of(user_id: int) -> list[SavedSearch]:
    """All of a person's saved searches, the latest saved first."""
    mine = select(SavedSearch).where(SavedSearch.user_id == user_id)
    return list(db.session.scalars(mine.order_by(SavedSearch.saved_at.desc(), SavedSearch.id)))
