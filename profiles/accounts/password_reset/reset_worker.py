"""The thread that answers requests for a new password, started by the first one of its process.

Requests are rows: those that a killed process leaves behind are answered with the next one anywhere,
or by `flask maintain`.
"""

import structlog
from flask import Flask, current_app

from common.background.polling import PollingThread
from common.config.mail_settings import starts_mail_threads
from common.operations.maintenance import MaintenanceTask, add_task
from profiles.accounts.password_reset.reset_requests import answer_requests

log = structlog.get_logger()

EXTENSION = "password_reset_worker"
RETRY_SECONDS = 5.0


class ResetWorker(PollingThread):
    """Answers requests outside of the request that made them, whose time must show nothing."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        super().__init__("resets")

    def wake(self) -> None:
        """Say that a request has been committed."""
        if starts_mail_threads(self._app.config):
            super().wake()
            self.start()

    def _run(self) -> None:
        self._repeat(self._answer, lambda failures: RETRY_SECONDS if failures else None)

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


def init_app(app: Flask) -> None:
    """Give the application its worker, and `flask maintain` its task."""
    app.extensions[EXTENSION] = ResetWorker(app)
    summary = "answers requests for a new password that a killed process left behind"
    add_task(app, MaintenanceTask("resets", summary, lambda: f"{answer_requests()} answered"))


def reset_worker() -> ResetWorker:
    """The current application's worker in this process."""
    worker: ResetWorker = current_app.extensions[EXTENSION]
    return worker
