"""The thread that sends the mails of the outbox: one in each process, started by its first request.

A process that ends finishes the mail it is at; what it leaves is sent by another one, or by itself
when it is started again.
"""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from common.background.polling import PollingThread, backoff
from common.database.session import ENGINE_URL, engine_options
from common.mail.delivery import Report, deliver_due
from common.mail.transports import Transport, make_transport

log = structlog.get_logger()

EXTENSION = "mail_sender"
# Mails of other processes that have ended, and second attempts.
POLL_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0


class MailSender(PollingThread):
    """Sends what the outbox holds, by its own connection and its own thread.

    A mail whose server is silent at the thread's end is left to its lease.
    """

    def __init__(self, options: Mapping[str, Any], open_transport: Callable[[], Transport]) -> None:
        self._options = {**options, "pool_size": 1}
        self._open_transport = open_transport
        super().__init__("mail")

    def drain(self, ignore_backoff: bool = True) -> Report:
        """Try every waiting mail now, in the caller's thread. Raises SQLAlchemyError."""
        engine = self._engine()
        try:
            return deliver_due(engine, self._open_transport(), ignore_backoff=ignore_backoff)
        finally:
            engine.dispose()

    def _engine(self) -> Engine:
        return create_engine(ENGINE_URL, **self._options)

    def _run(self) -> None:
        engine, transport = self._engine(), self._open_transport()
        try:
            self._repeat(
                lambda: self._send_due(engine, transport),
                lambda failures: backoff(failures, POLL_SECONDS, LONGEST_PAUSE_SECONDS),
            )
        finally:
            engine.dispose()

    def _send_due(self, engine: Engine, transport: Transport) -> bool:
        """Whether both the database and the mail server answered."""
        try:
            return deliver_due(engine, transport, should_stop=lambda: self._is_ending).is_available
        except SQLAlchemyError as error:
            log.warning("mail waits, database away", error=type(error).__name__)
        except Exception as error:
            log.error("mail waits", error=type(error).__name__)
        return False


def make_sender(app: Flask) -> MailSender:
    """Give the application its sender."""
    config = app.config
    sender = MailSender(engine_options(config), lambda: make_transport(config))
    app.extensions[EXTENSION] = sender
    return sender


def mail_sender() -> MailSender:
    """The current application's sender in this process."""
    sender: MailSender = current_app.extensions[EXTENSION]
    return sender
