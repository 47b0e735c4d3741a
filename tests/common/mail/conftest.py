"""A mail server, somebody to write to, and the passes of a sender over their outbox."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from common.config.mail_settings import DEVELOPMENT_SENDER
from common.database.session import ENGINE_URL, db, engine_options
from common.mail.delivery import Report, deliver_due
from common.mail.outbox import Content, put_mail
from common.mail.smtp import SmtpTransport
from common.operations import logging
from tests.common.mail.mail_server import Handler, RunningServer
from tests.factories import make_user

SECRET = "qvtoken-Zx81kq"
CONTENT = Content(
    "Тема листа", f"Привіт!\n\nhttps://app.example/a?token={SECRET}\n", f"<p>{SECRET}</p>"
)


@pytest.fixture
def server() -> Iterator[RunningServer]:
    running = RunningServer()
    yield running
    running.stop()


@pytest.fixture
def handler(server: RunningServer) -> Handler:
    return server.handler


@pytest.fixture
def user(app: Any) -> Any:
    return make_user(email="qvreader@example.org")


@pytest.fixture
def write(user: Any) -> Callable[..., None]:
    """Put a mail to the user into the outbox, and commit."""

    def write_mail(kind: str = "test", recipient: str | None = None, **values: Any) -> None:
        put_mail(user.id, kind, recipient or user.email, CONTENT, **values)
        db.session.commit()

    return write_mail


@pytest.fixture
def engine(app: Any) -> Iterator[Any]:
    """Connections as a sender has them."""
    made = create_engine(ENGINE_URL, **engine_options(app.config))
    yield made
    made.dispose()


@pytest.fixture
def deliver(engine: Any, server: RunningServer) -> Callable[..., Report]:
    """One pass over the outbox."""

    def deliver_once(transport: Any = None, **options: Any) -> Report:
        transport = transport or SmtpTransport(server.address, DEVELOPMENT_SENDER)
        return deliver_due(engine, transport, **options)

    return deliver_once


@pytest.fixture
def log_lines(app: Any, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Everything logged so far, from the lowest level on."""
    logging.configure("DEBUG")
    yield lambda: capfd.readouterr().out
    logging.configure("WARNING")


def update_outbox(assignment: str, **values: Any) -> None:
    """Change all waiting mails."""
    db.session.execute(text(f"update outbox_mails set {assignment}"), values)
    db.session.commit()
