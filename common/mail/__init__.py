"""Outgoing mail: the outbox and its sender. Texts live in the domains that write them."""

from collections.abc import Callable

from flask import Flask

from common.config.mail_settings import starts_mail_threads
from common.mail import cli, models
from common.mail.sender import make_sender

__all__ = ["init_app", "models"]


def init_app(app: Flask) -> list[Callable[[], None]]:
    """Plug mail in; returned is what starts its thread in a process that serves requests."""
    sender = make_sender(app)
    cli.init_app(app)
    return [sender.start] if starts_mail_threads(app.config) else []
