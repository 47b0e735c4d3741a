"""The thread that sends the mails of the outbox: one in each process, started by its first request.

A process that ends finishes the mail it is at, within CLOSE_SECONDS; what it leaves is sent by
another one, or by itself when it is started again.
"""

import atexit
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from flask import Flask, current_app
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from common.config.mail_settings import MailServer
from common.database.session import ENGINE_URL, engine_options
from common.mail.delivery import Report, deliver_due
from common.mail.transports import Transport, make_transport

log = structlog.get_logger()

EXTENSION = "mail_sender"
# Mails of other processes that have ended, and second attempts.
POLL_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0
CLOSE_SECONDS = 5.0


class MailSender:
    """Sends what the outbox holds, by its own connection and its own thread."""

    def __init__(self, options: Mapping[str, Any], open_transport: Callable[[], Transport]) -> None:
        self._options = dict(options) | {
            "pool_size": 1,
            "max_overflow": 0,
            "pool_pre_ping": True,
        }
        self._open_transport = open_transport
        self._reset()
        _senders.add(self)

    def _reset(self) -> None:
        """Forget the thread: also called in a forked child, where it does not run."""
        self._changed = threading.Condition()
        self._has_news = False
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, unless it runs."""
        if self._thread is None and not self._is_closing:
            with self._changed:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="mail", daemon=True)
                    self._thread.start()

    def wake(self) -> None:
        """Say that a mail was put into the outbox, so that it leaves at once."""
        with self._changed:
            self._has_news = True
            self._changed.notify_all()

    def drain(self, ignore_backoff: bool = True) -> Report:
        """Try every waiting mail now, in the caller's thread. Raises SQLAlchemyError."""
        engine = self._engine()
        try:
            return deliver_due(engine, self._open_transport(), ignore_backoff=ignore_backoff)
        finally:
            engine.dispose()

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """End the thread after the mail it is at; what takes longer is left to its lease."""
        with self._changed:
            thread, self._is_closing = self._thread, True
            self._changed.notify_all()
        if thread is not None:
            thread.join(seconds)
        if thread is None or not thread.is_alive():
            self._reset()

    def _engine(self) -> Engine:
        return create_engine(ENGINE_URL, **self._options)

    def _run(self) -> None:
        engine, transport = self._engine(), self._open_transport()
        pause = POLL_SECONDS
        try:
            while not self._should_stop():
                is_well = self._pass(engine, transport)
                pause = POLL_SECONDS if is_well else min(2 * pause, LONGEST_PAUSE_SECONDS)
                self._wait(pause, until_news=is_well)
        finally:
            engine.dispose()

    def _pass(self, engine: Engine, transport: Transport) -> bool:
        """Whether both the database and the mail server answered."""
        self._has_news = False
        try:
            return deliver_due(engine, transport, should_stop=self._should_stop).is_available
        except SQLAlchemyError as error:
            log.warning("mail waits, database away", error=type(error).__name__)
        except Exception as error:
            log.error("mail waits", error=type(error).__name__)
        return False

    def _wait(self, seconds: float, until_news: bool) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_closing or (until_news and self._has_news), seconds
            )

    def _should_stop(self) -> bool:
        return self._is_closing


_senders: "weakref.WeakSet[MailSender]" = weakref.WeakSet()


@atexit.register
def close_all() -> None:
    """End the threads of a process that ends: gunicorn's workers come here on SIGTERM."""
    for sender in list(_senders):
        sender.close()


def _reset_all() -> None:
    for sender in list(_senders):
        sender._reset()


os.register_at_fork(after_in_child=_reset_all)


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


def starts_by_itself(config: Any) -> bool:
    """Tests without a mail server read the outbox, which nobody is to empty meanwhile."""
    return config["APP_ENV"] != "testing" or isinstance(config["MAIL_URL"], MailServer)
