"""Uploads an avatar over HTTP, and reads what an upload may change."""

from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from activity.models import ActivityEvent
from common.database.session import db
from profiles.accounts.models import User
from tests.profiles.avatars.pictures import picture
from tests.profiles.public.public_rows import everything_public

AVATAR = "/api/me/avatar/"


def upload(client: Any, data: bytes | None = None, name: str = "me.png") -> Any:
    data = picture() if data is None else data
    return send(client, {"avatar": (data, name)})


def send(client: Any, form: dict[str, Any]) -> Any:
    """Post a form. Encoded in memory: the test client would leave large ones in open files."""
    boundary, body = encode_multipart({name: as_file(value) for name, value in form.items()})
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(AVATAR, data=body, content_type=kind)


def as_file(value: Any) -> Any:
    """A part of a form; a file is written as its bytes, its name and perhaps its type."""
    if isinstance(value, list):
        return [as_file(each) for each in value]
    if isinstance(value, tuple):
        content, *rest = value
        return FileStorage(BytesIO(content), rest[0], "avatar", *rest[1:])
    return value


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def events(tutor: User) -> list[tuple[str, dict[str, Any]]]:
    found = db.session.scalars(
        select(ActivityEvent)
        .where(ActivityEvent.user_id == tutor.id, ActivityEvent.action.like("avatar.%"))
        .order_by(ActivityEvent.id)
    ).all()
    db.session.rollback()
    return [(event.action, event.details) for event in found]


def everything_of(tutor: User, folder: Path) -> tuple[Any, ...]:
    """All that an upload might change."""
    name = db.session.scalar(select(User.avatar_name).where(User.id == tutor.id))
    db.session.rollback()
    return name, files(folder), events(tutor), everything_public()
