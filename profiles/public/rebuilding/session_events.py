"""Listens to the session, so that no writer can forget the public rows.

A change of an account, a profile or settings through the session locks the account before
anything is written, and rebuilds its public row in the same transaction. Bulk statements bypass
the session; they are refused unless an execution option says that their caller rebuilds.
"""

from typing import Any

from sqlalchemy import event, inspect, text
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from common.database.session import execute_by_key
from common.media.files import remove_file, rename_file
from profiles.accounts.models import User
from profiles.models import TutorProfile, UserSettings
from profiles.public.privacy import HIDEABLE, LISTED, VALUE_COLUMNS
from profiles.public.rebuilding.rebuild import DELETE_TUTORS, rebuild
from profiles.public.search.shared_terms import Terms, read_terms

WATCHED = (User, TutorProfile, UserSettings)
# An execution option: the caller of a statement that changes many accounts rebuilds their rows.
REBUILDS = "rebuilds_public_rows"

_LOCK = text("select id from users where id = any(:ids) order by id for no key update")
# The avatar is public while all of these hold.
_SHOWS_AVATAR = {column.key: value for column, value in LISTED.items()}
_SHOWS_AVATAR[HIDEABLE["avatar_url"]] = True


class ChangedAccounts:
    """The accounts whose public rows a transaction may have changed.

    Ids outlive a savepoint that is rolled back: rebuilding an unchanged row does nothing.
    """

    def __init__(self) -> None:
        self.ids: set[int] = set()
        # Accounts deleted together with their public row.
        self.erased: set[int] = set()
        # What these rows showed, among others.
        self.erased_terms = Terms()


def _changed_accounts(session: Session) -> ChangedAccounts:
    touched: ChangedAccounts = session.info.setdefault("changed_accounts", ChangedAccounts())
    return touched


def rebuild_at_commit(session: Session, user_id: int) -> None:
    """Rebuild the public row of an account whose profile was changed by a statement of the caller's,
    who holds the account's lock."""
    _changed_accounts(session).ids.add(user_id)


def _account_id(thing: Any) -> int:
    account_id: int = thing.id if isinstance(thing, User) else thing.user_id
    return account_id


def _changes_public_values(thing: Any) -> bool:
    """Whether a value that public rows are made of has changed on this object."""
    attributes = inspect(thing).attrs
    return any(
        attributes[name].history.has_changes() for name in VALUE_COLUMNS if name in attributes
    )


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, context: object, instances: object) -> None:
    """Lock the accounts about to change, in order and before their other rows."""
    changed = [
        thing
        for thing in session.dirty
        if isinstance(thing, WATCHED) and _changes_public_values(thing)
    ]
    deleted = [thing for thing in session.deleted if isinstance(thing, WATCHED)]
    ids = {_account_id(thing) for thing in (*changed, *deleted)}
    if not ids:
        return
    connection = session.connection()
    execute_by_key(connection, {"ids": sorted(ids)}, _LOCK)
    _changed_accounts(session).ids |= ids
    erased = [thing for thing in deleted if isinstance(thing, User)]
    if erased:
        # Here rather than by the cascade, to learn whether they had a public row.
        erased_ids = sorted(user.id for user in erased)
        accounts = _changed_accounts(session)
        accounts.erased_terms |= read_terms(connection, erased_ids)
        accounts.erased |= set(connection.scalars(DELETE_TUTORS, {"ids": erased_ids}))
    for user in erased:
        if user.avatar_name is not None:
            remove_file(user.avatar_name)
    for thing in changed:
        _move_hidden_avatar(session, thing)


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, context: object) -> None:
    """New objects get their keys by the flush."""
    new = {_account_id(thing) for thing in session.new if isinstance(thing, WATCHED)}
    if new:
        _changed_accounts(session).ids |= new


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    touched = _changed_accounts(session)
    if touched.ids:
        rebuild(
            session.connection(),
            touched.ids,
            erased=touched.erased,
            erased_terms=touched.erased_terms,
        )


@event.listens_for(Session, "after_transaction_end")
def _clear(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop("changed_accounts", None)


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_statement(state: ORMExecuteState) -> None:
    """A bulk statement changes rows without their objects."""
    if not (state.is_update or state.is_delete or state.is_insert):
        return
    mapper = state.bind_mapper
    if mapper and mapper.class_ in WATCHED and not state.execution_options.get(REBUILDS):
        raise RuntimeError(
            f"A statement on {mapper.class_.__name__} bypasses the public rows: change objects, or"
            f" call profiles.public.rebuilding.rebuild.rebuild"
            f" and say so with execution_options({REBUILDS}=True)."
        )


def _move_hidden_avatar(session: Session, thing: Any) -> None:
    """Rename the file of an avatar that becomes hidden, so that its former address answers 404."""
    attributes = inspect(thing).attrs
    hides = any(
        name in attributes
        and attributes[name].history.has_changes()
        and attributes[name].value != shown
        for name, shown in _SHOWS_AVATAR.items()
    )
    user = session.get(User, _account_id(thing)) if hides else None
    if user is not None and user.avatar_name is not None:
        user.avatar_name = rename_file(user.avatar_name)
