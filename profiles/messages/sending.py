"""Have a mail sent to the owner of an account, once the transaction that it speaks of commits."""

import re
from datetime import timedelta
from typing import Protocol

from flask import current_app

from common import clock
from common.database.session import db
from common.mail.outbox import put_mail
from profiles.messages.kinds import WITH_LINK, MessageKind
from profiles.messages.rendering import render
from profiles.models import UserSettings

LINK_PATH = re.compile(r"/[A-Za-z0-9/._~?&=#%+-]*")
DEFAULT_LANGUAGE = "uk"


class Addressee(Protocol):
    """The account whose owner is written to."""

    id: int
    email: str
    timezone: str


def enqueue(
    user: Addressee,
    kind: MessageKind,
    *,
    recipient: str | None = None,
    link_path: str | None = None,
    valid_for: timedelta | None = None,
) -> None:
    """Store a mail in the caller's transaction; it leaves after the commit.

    `recipient` is the account's own address by default. `link_path` (path, query and fragment,
    percent-encoded) follows FRONTEND_URL; kinds with a link demand it and `valid_for`, how long it
    works, and others refuse it. After that time, or three days, an unsent mail is given up.
    """
    if (kind in WITH_LINK) != (link_path is not None) or bool(link_path) != bool(valid_for):
        raise ValueError(f"{kind} has a link and its lifetime, or has neither")
    if link_path is not None and not LINK_PATH.fullmatch(link_path):
        raise ValueError("a link's path is percent-encoded and begins with a slash")
    settings = db.session.get(UserSettings, user.id)
    valid_until = clock.now() + valid_for if valid_for else None
    content = render(
        kind,
        settings.ui_language if settings else DEFAULT_LANGUAGE,
        current_app.config["FRONTEND_URL"] + link_path if link_path else None,
        valid_until,
        user.timezone,
    )
    put_mail(user.id, kind.value, recipient or user.email, content, valid_until)
