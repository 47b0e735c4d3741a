"""Whether the store is the one that the database's files are in: both hold the same random id.

Two nodes with a folder each would lose each other's files, and one would go on serving what the
other has hidden. The database is given an id at the first use, and the store that is first to ask
is given the same one; a store without it is another one.
"""

import secrets
from typing import NamedTuple

import structlog

from common.database.session import read_rows
from common.database.short_transaction import short_transaction, write_rows
from common.stores import Store

log = structlog.get_logger()

# Nothing is served under this name.
NAME = "store-id"
READ = "select store_id, is_stored from file_store"
INSERT = """
    insert into file_store (store_id, is_stored) values (%(store_id)s, false)
    on conflict do nothing returning store_id
"""
# One at a time: whoever is second finds the id stored, and has to have it in its own store.
LOCK = "select store_id, is_stored from file_store for update"
MARK = "update file_store set is_stored = true"
REPLACE = """
    insert into file_store (store_id, is_stored) values (%(store_id)s, true)
    on conflict (singleton) do update set store_id = excluded.store_id, is_stored = true
    returning store_id
"""
ADVICE = (
    "All processes must use one store: correct MEDIA_DIR or MEDIA_URL. If this store is the right one,"
    " as after a restore or a move, run `flask adopt-media`."
)


class StoreIdentity(NamedTuple):
    """The ids of both sides; None of a side without one."""

    in_database: str | None
    in_store: str | None

    @property
    def is_same(self) -> bool:
        return self.in_database == self.in_store

    @property
    def difference(self) -> str:
        """What is where, and what to do about it."""
        here = f"has the id {self.in_store}" if self.in_store else "has no id"
        there = f"names the store {self.in_database}" if self.in_database else "names no store"
        return f"The store of files of this process {here}, and the database {there}. {ADVICE}"


class DifferentStore(OSError):
    """The store is not the one that the database's files are in."""


def identify(store: Store) -> StoreIdentity:
    """The ids of both sides, which are given one at the first use.

    Raises OSError while the store refuses, and psycopg2.Error.
    """
    rows, in_store = read_rows(READ), _id_in(store)
    if rows and rows[0][1]:
        return StoreIdentity(rows[0][0], in_store)
    if not rows and in_store is None:
        write_rows(INSERT, {"store_id": secrets.token_hex(8)})
    # A store's id that came between the two looks is in the database by now.
    elif not rows and not read_rows(READ):
        return StoreIdentity(None, in_store)
    return _give_id(store)


def require_own(store: Store) -> None:
    """Raises DifferentStore, another OSError while the store refuses, and psycopg2.Error."""
    identity = identify(store)
    if not identity.is_same:
        log.error("not the store of the database's files", detail=identity.difference)
        raise DifferentStore("not the store of the database's files")


def adopt(store: Store) -> str:
    """Make `store` the one that the database's files are in, and no other any more; its new id.

    Raises OSError while the store refuses, and psycopg2.Error.
    """
    store_id = secrets.token_hex(8)
    with short_transaction() as transaction:
        transaction.rows(REPLACE, {"store_id": store_id})
        store.put(NAME, store_id.encode())
        transaction.finish(MARK, {})
    return store_id


def copy_id(source: Store, target: Store) -> None:
    """Give `target` the id of `source`, if that has one.

    Raises DifferentStore where the target has another one, and OSError while a store refuses.
    """
    here, there = _id_in(source), _id_in(target)
    if there is None and here is not None:
        target.put(NAME, here.encode())
    elif there != here:
        raise DifferentStore("the target is another installation's")


def _give_id(store: Store) -> StoreIdentity:
    """Give the store the id of the database, unless another store has been given it."""
    with short_transaction() as transaction:
        store_id, is_stored = transaction.rows(LOCK, {})[0]
        in_store = _id_in(store)
        if not is_stored and in_store in (None, store_id):
            if in_store is None:
                store.put(NAME, store_id.encode())
            transaction.finish(MARK, {})
            return StoreIdentity(store_id, store_id)
    return StoreIdentity(store_id, in_store)


def _id_in(store: Store) -> str | None:
    try:
        return store.get(NAME).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return None
