"""A circuit breaker: what has just failed is not tried again for a while."""

import time
from threading import Lock


class Pause:
    """Admits everybody, and after a failure one caller per pause until a success.

    Repeated failures double the pause, from `first` to `longest` seconds.
    """

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self.reset()

    def reset(self) -> None:
        """Forget failures; also in a forked child, where another thread may have held the lock."""
        self._lock = Lock()
        self._failures = 0
        self._until = 0.0

    @property
    def is_failing(self) -> bool:
        """Whether the latest outcome was a failure."""
        return self._failures > 0

    def admits(self) -> bool:
        """Whether to try now. Of several callers at the end of a pause, one is let through."""
        if not self._failures:
            return True
        with self._lock:
            if time.monotonic() < self._until:
                return False
            self._until = time.monotonic() + self._seconds()
            return True

    def succeeded(self) -> None:
        if self._failures:
            with self._lock:
                self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._until = time.monotonic() + self._seconds()

    def _seconds(self) -> float:
        doublings = min(self._failures - 1, 16)
        return float(min(self._longest, self._first * 2 ** max(0, doublings)))
