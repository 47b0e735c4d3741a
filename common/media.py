"""Public files: stored under unguessable names, served for ever, removed when replaced.

A file's name never returns, so caches may keep it; what must vanish gets another name.
"""

import os
import secrets
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, send_from_directory
from sqlalchemy import event
from sqlalchemy.orm import Session

from common.auth import open_to_all
from common.db import db
from common.errors import NotFound, Unavailable

YEAR_SECONDS = 31_536_000
URL_PREFIX = "/media/"

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
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise Unavailable("The file could not be stored; please try again later.", 30) from None
    _after_transaction(path, remove_on_commit=False)
    return name


def rename_file(name: str) -> str | None:
    """Give a stored file a new unguessable name, so that its old address is dead on commit.

    Returns None when the file is gone.
    """
    old = media_path(name)
    try:
        content = old.read_bytes()
    except OSError:
        return None
    fresh = store_file(content, name.rpartition("/")[0], old.suffix)
    remove_file(name)
    return fresh


def remove_file(name: str) -> None:
    """Remove a stored file once the transaction has committed."""
    _after_transaction(media_path(name), remove_on_commit=True)


def _after_transaction(path: Path, *, remove_on_commit: bool) -> None:
    pending = db.session().info.setdefault("media_files", [])
    pending.append((path, remove_on_commit))


def _settle(session: Session, *, committed: bool) -> None:
    for path, remove_on_commit in session.info.pop("media_files", []):
        if remove_on_commit == committed:
            path.unlink(missing_ok=True)


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    _settle(session, committed=True)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, previous: object) -> None:
    if not session.in_nested_transaction():
        _settle(session, committed=False)


@media.get("/media/<path:name>")
@open_to_all
def serve_file(name: str) -> Response:
    """A stored file, with headers that keep it inert and cacheable."""
    path = media_path(name)
    if name.endswith(".part") or "\x00" in name or not path.is_file():
        raise NotFound("There is no such file.")
    response = send_from_directory(
        current_app.config["MEDIA_DIR"], name, max_age=YEAR_SECONDS, conditional=True
    )
    response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(media)
