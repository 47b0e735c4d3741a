"""The thread that answers requests for a new password, started by the first one of its process.

Requests are rows: those that a killed process leaves behind are answered with the next one anywhere,
or by `flask maintain`.
"""

import atexit
import os
import threading
import weakref

import structlog
from flask import Flask, current_app

from common.config.mail_settings import MailServer
from common.operations.maintenance import MaintenanceTask, add_task
from profiles.accounts.password.reset_requests import answer_requests

log = structlog.get_logger()

EXTENSION = "password_reset_worker"
RETRY_SECONDS = 5.0
CLOSE_SECONDS = 5.0


class ResetWorker:
    """Answers requests outside of the request that made them, whose time must show nothing."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._reset()
        _workers.add(self)

    def _reset(self) -> None:
        """Forget the thread: also called in a forked child, where it does not run."""
        self._changed = threading.Condition()
        self._has_news = False
        self._is_closing = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Say that a request has been committed."""
        if not starts_by_itself(self._app):
            return
        with self._changed:
            self._has_news = True
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="resets", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """End the thread after the requests that it is at."""
        with self._changed:
            thread, self._is_closing = self._thread, True
            self._changed.notify_all()
        if thread is not None:
            thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._has_news or self._is_closing)
                if self._is_closing:
                    return
                self._has_news = False
            if not self._answer():
                self._pause()

    def _answer(self) -> bool:
        """Whether all waiting requests were answered."""
        try:
            with self._app.app_context():
                answer_requests()
            return True
        except Exception as error:
            # The thread must outlive whatever happens to the database.
            log.warning("password resets wait", error=type(error).__name__)
            return False

    def _pause(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing, RETRY_SECONDS)
            self._has_news = True


_workers: "weakref.WeakSet[ResetWorker]" = weakref.WeakSet()


@atexit.register
def close_all() -> None:
    """End the threads of a process that ends: gunicorn's workers come here on SIGTERM."""
    for worker in list(_workers):
        worker.close()


def _reset_all() -> None:
    for worker in list(_workers):
        worker._reset()


os.register_at_fork(after_in_child=_reset_all)


def init_app(app: Flask) -> None:
    """Give the application its worker, and `flask maintain` its task."""
    app.extensions[EXTENSION] = ResetWorker(app)
    summary = "answers requests for a new password that a killed process left behind"
    add_task(app, MaintenanceTask("resets", summary, lambda: f"{answer_requests()} answered"))


def reset_worker() -> ResetWorker:
    """The current application's worker in this process."""
    worker: ResetWorker = current_app.extensions[EXTENSION]
    return worker


def starts_by_itself(app: Flask) -> bool:
    """Tests without a mail server answer requests themselves, and look at each step."""
    return app.config["APP_ENV"] != "testing" or isinstance(app.config["MAIL_URL"], MailServer)
