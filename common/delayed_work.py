"""Work that is asked for often and done once in a while, by a thread of the process beside its requests.

The thread is started by the first request for it and ends with the process; a forked child starts
its own.
"""

import atexit
import os
import threading
import weakref
from collections.abc import Callable

import structlog

log = structlog.get_logger()

CLOSE_SECONDS = 5.0


class DelayedWork:
    """Calls `work` at most `seconds` after it was asked to, once for all who have asked meanwhile.

    `forget` is called in a forked child, to which the work of its parent does not belong.
    """

    def __init__(
        self, name: str, work: Callable[[], None], forget: Callable[[], None], seconds: float
    ) -> None:
        self._name, self._work, self._seconds = name, work, seconds
        self._forget = forget
        self._renew()
        _all.add(self)

    def _renew(self) -> None:
        self._changed = threading.Condition()
        self._is_asked = self._is_closing = False
        self._thread: threading.Thread | None = None

    def ask(self) -> None:
        """Have the work done soon."""
        with self._changed:
            self._is_asked = True
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """Do at once what was asked for, and end the thread, within so many seconds."""
        with self._changed:
            thread, self._is_closing = self._thread, True
            self._changed.notify_all()
        if thread is not None:
            thread.join(seconds)
        with self._changed:
            self._is_closing, self._thread = False, None

    def start_afresh(self) -> None:
        """Forget the thread and its work, in a forked child."""
        self._renew()
        self._forget()

    def _run(self) -> None:
        while self._wait():
            try:
                self._work()
            except Exception as error:
                # The thread must outlive whatever one time does to it.
                log.error("work failed", work=self._name, error=type(error).__name__)

    def _wait(self) -> bool:
        """Wait until the work is due; False when the thread is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_asked or self._is_closing)
            if not self._is_asked:
                return False
            self._changed.wait_for(lambda: self._is_closing, self._seconds)
            self._is_asked = False
            return True


_all: "weakref.WeakSet[DelayedWork]" = weakref.WeakSet()


@atexit.register
def close_all() -> None:
    """Finish the work of a process that ends: gunicorn's workers come here on SIGTERM."""
    for each in list(_all):
        each.close()


def _start_all_afresh() -> None:
    for each in list(_all):
        each.start_afresh()


os.register_at_fork(after_in_child=_start_all_afresh)
