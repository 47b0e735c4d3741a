"""Withdraw a file's address in the transaction that hides it, and let the store follow.

No store takes part in a transaction, and one may be away. So the database says which names are dead;
files are copied and deleted after the commit, and again later where that failed. Who does so holds the
row's lock: nobody copies to a name that is being withdrawn, and no two copy one file.
"""

import psycopg2
import structlog
from sqlalchemy import Connection, select, text

from common.database.session import db, read_rows
from common.database.short_transaction import short_transaction
from common.media.models import WithdrawnFile
from common.media.store_identity import require_own
from common.stores import Store

log = structlog.get_logger()
# Settled along with a transaction's own files.
OTHERS_AT_ONCE = 10
BATCH = 500

# Of a name that is itself a successor the content goes on to the next one, from where it is; what a
# copy that failed halfway has left under it is deleted.
WITHDRAW = text("""
    with moved as (
        update withdrawn_files set successor = cast(:successor as text)
        where successor = cast(:name as text) returning name
    )
    insert into withdrawn_files (name, successor)
    select cast(:name as text),
        case when not exists (select from moved) then cast(:successor as text) end
    on conflict (name) do update set successor = excluded.successor
""")
READ_NAMES = """
    select name, successor from withdrawn_files where name = %(name)s or successor = %(name)s
"""
READ_OLDEST = """
    select name from withdrawn_files where name > %(after)s order by name limit %(limit)s
"""
LOCK = "select successor from withdrawn_files where name = %(name)s for update skip locked"
DELETE = "delete from withdrawn_files where name = %(name)s"


def withdraw(connection: Connection, name: str, successor: str | None) -> None:
    """From the commit on `name` is not served; its content is under `successor`, if that is given."""
    connection.execute(WITHDRAW, {"name": name, "successor": successor})


def source_of(name: str) -> str | None:
    """The name under which the store has the file of that address; None for a withdrawn one."""
    rows = read_rows(READ_NAMES, {"name": name})
    if any(withdrawn == name for withdrawn, _ in rows):
        return None
    return rows[0][0] if rows else name


def withdrawn_names() -> set[str]:
    """The names of all files that the store still has to delete or to copy."""
    return set(db.session.scalars(select(WithdrawnFile.name)))


def settle(store: Store, name: str) -> bool:
    """Let the store follow the row of `name`, unless another process does; whether it has not failed."""
    return _is_own(store) and _follow(store, name)


def _is_own(store: Store) -> bool:
    """In another one there is nothing to delete, and the address has to stay dead."""
    try:
        require_own(store)
    except (OSError, psycopg2.Error) as error:
        log.warning("withdrawn files stay for now", error=type(error).__name__)
        return False
    return True


def _follow(store: Store, name: str) -> bool:
    try:
        with short_transaction() as transaction:
            rows = transaction.rows(LOCK, {"name": name})
            if not rows:
                return True
            (successor,) = rows[0]
            if successor is not None and not _copy(store, name, successor):
                return False
            store.delete(name)
            transaction.finish(DELETE, {"name": name})
    except (OSError, psycopg2.Error) as error:
        # The row stays, and the next one tries again.
        log.warning("a withdrawn file stays for now", error=type(error).__name__)
        return False
    return True


def settle_others(store: Store) -> None:
    """Let the store, in which a name has just been settled, follow a few rows that earlier transactions
    have left."""
    try:
        rows = read_rows(READ_OLDEST, {"after": "", "limit": OTHERS_AT_ONCE})
    except psycopg2.Error:
        return
    for (name,) in rows:
        _follow(store, name)


def settle_all(store: Store) -> int:
    """Let the store follow every row; how many are left, because it is away or has no such file."""
    left, after = 0, ""
    is_own = _is_own(store)
    while rows := read_rows(READ_OLDEST, {"after": after, "limit": BATCH}):
        after = rows[-1][0]
        left += sum(not (is_own and _follow(store, name)) for (name,) in rows)
    return left


def _copy(store: Store, name: str, successor: str) -> bool:
    """Whether the successor has the content now."""
    try:
        store.put(successor, store.get(name))
        return True
    except FileNotFoundError:
        pass
    try:
        # A process may have died between the deletion and its commit.
        store.get(successor)
        return True
    except FileNotFoundError:
        log.error("a file to be renamed is missing: do all processes use one store?")
        return False
