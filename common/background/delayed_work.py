"""Work that is asked for often and done once in a while, by a thread of the process beside its requests."""

from collections.abc import Callable

import structlog

from common.background.thread import BackgroundThread

log = structlog.get_logger()


class DelayedWork(BackgroundThread):
    """Calls `work` at most `seconds` after it was asked to, once for all who have asked meanwhile.

    `forget` is called in a forked child, to which the work of its parent does not belong. A thread that
    ends does first what was asked for.
    """

    def __init__(
        self, name: str, work: Callable[[], None], forget: Callable[[], None], seconds: float
    ) -> None:
        self._work, self._seconds = work, seconds
        self._forget = forget
        super().__init__(name)

    def _reset(self) -> None:
        super()._reset()
        self._is_asked = False

    def reset_in_child(self) -> None:
        super().reset_in_child()
        self._forget()

    def ask(self) -> None:
        """Have the work done soon."""
        with self._changed:
            self._is_asked = True
            if self._thread is None:
                self._start()
            self._changed.notify_all()

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
            self._changed.wait_for(lambda: self._is_asked or self._is_ending)
            if not self._is_asked:
                return False
            self._changed.wait_for(lambda: self._is_ending, self._seconds)
            self._is_asked = False
            return True
