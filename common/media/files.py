"""Public files: stored under unguessable names, immutable, removed when replaced.

A name is never reused, so browsers may store the file; to withdraw an address, rename the file.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import structlog
from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from common.database.session import db
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import Unavailable
from common.media.store_identity import require_own
from common.media.withdrawal import settle, settle_others, withdraw
from common.stores import FolderStore, Store, StoredFile, open_store
from common.translation import Message, lazy_gettext

log = structlog.get_logger()

EXTENSION = "media_bucket"
URL_PREFIX = "/media/"
RETRY_AFTER_SECONDS = 30
PENDING = "media_files"


class PendingFile(NamedTuple):
    """A file that the end of a transaction decides about: a new one, or a withdrawn one."""

    name: str
    is_new: bool


def init_app(app: Flask) -> None:
    if app.config["MEDIA_URL"]:
        app.extensions[EXTENSION] = open_store(app.config["MEDIA_URL"])


def current_store() -> Store:
    """Where the current application's files are."""
    bucket: Store | None = current_app.extensions.get(EXTENSION)
    return bucket or FolderStore(Path(current_app.config["MEDIA_DIR"]))


def media_url(name: str | None) -> str | None:
    """The address of a stored file, relative to the site's root."""
    return None if name is None else URL_PREFIX + name


def store_file(content: bytes, folder: str, suffix: str) -> str:
    """Write `content` durably under a new unguessable name; removed again if the transaction fails.

    Raises Unavailable when the store refuses, or is not that of the database's files.
    """
    name = _new_name(folder, suffix)
    store = current_store()
    try:
        require_own(store)
        store.put(name, content)
    except OSError as error:
        log.warning("a file could not be stored", error=type(error).__name__)
        raise storage_unavailable(
            lazy_gettext("The file could not be stored; please try again later.")
        ) from None
    _after_transaction(PendingFile(name, is_new=True))
    return name


def rename_file(name: str) -> str:
    """A new unguessable name of a stored file, whose old address is a 404 from the commit on.

    The store follows after the commit; until it has, the new name is served from the old file.
    """
    fresh = _new_name(name.rpartition("/")[0], PurePosixPath(name).suffix)
    _withdraw(name, fresh)
    return fresh


def remove_file(name: str) -> None:
    """Remove a stored file: its address is a 404 from the commit on, and the store follows."""
    _withdraw(name, None)


def stored_files(folder: str) -> Iterator[StoredFile]:
    """The files in a folder, unfinished ones of a killed process included."""
    return current_store().files(folder)


def storage_unavailable(detail: Message) -> Unavailable:
    return Unavailable(detail, RETRY_AFTER_SECONDS, ProblemCode.STORAGE_UNAVAILABLE)


def _new_name(folder: str, suffix: str) -> str:
    return f"{folder}/{secrets.token_urlsafe(24)}{suffix}"


def _withdraw(name: str, successor: str | None) -> None:
    # By the connection: this is called within a flush, too.
    withdraw(db.session.connection(), name, successor)
    _after_transaction(PendingFile(name, is_new=False))


def _after_transaction(file: PendingFile) -> None:
    session = db.session()
    if not session.in_transaction():
        # Without one, a rollback fires no event, and the file would stay behind.
        session.begin()
    session.info.setdefault(PENDING, []).append(file)


def _settle(session: Session, *, committed: bool) -> None:
    pending = session.info.pop(PENDING, [])
    if not pending:
        return
    store = current_store()
    followed = [settle(store, file.name) for file in pending if committed and not file.is_new]
    if followed and all(followed):
        settle_others(store)
    for file in pending:
        if file.is_new and not committed:
            _delete_unnamed(store, file.name)


def _delete_unnamed(store: Store, name: str) -> None:
    """Remove a file that nothing names. The transaction is over, so a failure can only be logged."""
    try:
        store.delete(name)
    except OSError as error:
        log.error("a file could not be removed", error=type(error).__name__)


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    # The release of a savepoint fires this too; its files wait for the transaction itself.
    if not session.in_nested_transaction():
        _settle(session, committed=True)


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    """Rolled back, or closed: whatever a commit has not settled by now."""
    if transaction.parent is None:
        _settle(session, committed=False)
