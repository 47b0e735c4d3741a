"""Public files: stored under unguessable names, immutable, removed when replaced.

A name is never reused, so caches may store the file; to withdraw an address, rename the file.
"""

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog
from flask import Blueprint, Flask, Response, current_app, send_from_directory
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from common.database.session import db
from common.http.auth import open_to_all
from common.http.conditional import strong_etag
from common.http.errors import NotFound, Unavailable
from common.http.problem_codes import ProblemCode
from common.translation import lazy_gettext

log = structlog.get_logger()

YEAR_SECONDS = 31_536_000
URL_PREFIX = "/media/"
UNFINISHED = ".part"
STORAGE = ProblemCode.STORAGE_UNAVAILABLE
# Every other path is a 404, traversals included.
SERVED_NAME = re.compile(r"[a-z]{1,32}/[A-Za-z0-9_-]{1,64}\.(webp|jpg|png)")

media = Blueprint("media", __name__)


def media_path(name: str) -> Path:
    return Path(current_app.config["MEDIA_DIR"]) / name


def media_url(name: str | None) -> str | None:
    """The address of a stored file, relative to the site's root."""
    return None if name is None else URL_PREFIX + name


def store_file(content: bytes, folder: str, suffix: str) -> str:
    """Write `content` durably under a new unguessable name; removed again if the transaction fails.

    Raises Unavailable when the disk refuses.
    """
    name = f"{folder}/{secrets.token_urlsafe(24)}{suffix}"
    path = media_path(name)
    part = path.with_suffix(UNFINISHED)
    try:
        _make_private(Path(current_app.config["MEDIA_DIR"]))
        path.parent.mkdir(exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        _sync_folder(path.parent)
    except OSError:
        _unlink(part)
        _unlink(path)
        raise Unavailable(
            lazy_gettext("The file could not be stored; please try again later."), 30, STORAGE
        ) from None
    _after_transaction(path, remove_on_commit=False)
    return name


def _make_private(folder: Path) -> None:
    """Make the media folder, for this account alone; one that exists keeps the rights it has."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the folder's entries durable (fsync of the directory)."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename_file(name: str) -> str | None:
    """Give a stored file a new unguessable name, so that its old address is a 404 from the commit on.

    Returns None when the file is gone. Raises Unavailable when the disk refuses.
    """
    old = media_path(name)
    try:
        content = old.read_bytes()
    except FileNotFoundError:
        return None
    except OSError:
        raise Unavailable(
            lazy_gettext("The file could not be read; please try again later."), 30, STORAGE
        ) from None
    fresh = store_file(content, name.rpartition("/")[0], old.suffix)
    remove_file(name)
    return fresh


def stored_files(folder: str, older_than: float) -> Iterator[str]:
    """The names of the files in a folder last written before `older_than` (seconds since 1970),
    unfinished ones of a killed process included."""
    with suppress(FileNotFoundError), os.scandir(media_path(folder)) as entries:
        for entry in entries:
            if entry.is_file() and entry.stat().st_mtime < older_than:
                yield f"{folder}/{entry.name}"


def remove_file(name: str) -> None:
    """Remove a stored file once the transaction has committed."""
    _after_transaction(media_path(name), remove_on_commit=True)


def _after_transaction(path: Path, *, remove_on_commit: bool) -> None:
    session = db.session()
    if not session.in_transaction():
        # Without one, a rollback fires no event, and the file would stay behind.
        session.begin()
    session.info.setdefault("media_files", []).append((path, remove_on_commit))


def _settle(session: Session, *, committed: bool) -> None:
    for path, remove_on_commit in session.info.pop("media_files", []):
        if remove_on_commit == committed:
            _unlink(path)


def _unlink(path: Path) -> None:
    """Remove a file. The transaction is over, so a failure can only be logged."""
    try:
        path.unlink(missing_ok=True)
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


@media.get("/media/<path:name>")
@open_to_all
def serve_file(name: str) -> Response:
    """A stored file, with headers that make it inert and cacheable."""
    if not SERVED_NAME.fullmatch(name) or not media_path(name).is_file():
        raise NotFound(lazy_gettext("There is no such file."))
    response = send_from_directory(
        current_app.config["MEDIA_DIR"], name, etag=strong_etag(name), conditional=True
    )
    # It would reveal when the file was written; the name alone identifies it.
    response.headers.pop("Last-Modified", None)
    # Browsers only: a shared cache could go on serving what its owner has hidden.
    response.headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(media)
