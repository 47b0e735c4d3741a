"""A thread that does its work when it is woken, and again after a pause."""

from collections.abc import Callable

from common.background.thread import BackgroundThread

# Doubled no more often: the pauses of further failures are those of as many.
MOST_DOUBLINGS = 10


def backoff(failures: int, shortest: float, longest: float) -> float:
    """Seconds to wait after so many failures in a row, of which each doubles them."""
    return min(shortest * 2 ** min(failures, MOST_DOUBLINGS), longest)


class PollingThread(BackgroundThread):
    """Repeats one step. Whoever has something new for it wakes it, unless it waits after a failure."""

    def _reset(self) -> None:
        super()._reset()
        self._has_news = False

    def wake(self) -> None:
        """Say that there is something to do, so that a thread that runs does it at once."""
        with self._changed:
            self._has_news = True
            self._changed.notify_all()

    def _repeat(self, step: Callable[[], bool], pause_after: Callable[[int], float | None]) -> None:
        """Repeat `step`, which says whether it succeeded, until the thread is to end.

        Between two steps it waits `pause_after(failures in a row)` seconds at most; None: until it is woken.
        """
        failures = 0
        while not self._is_ending:
            self._has_news = False
            failures = 0 if step() else failures + 1
            self._wait(pause_after(failures), until_news=failures == 0)

    def _wait(self, seconds: float | None, until_news: bool) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_ending or (until_news and self._has_news), seconds
            )
