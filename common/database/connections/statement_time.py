"""How long this thread's statements have taken since it began its present request."""

import threading
import time


class _Clock(threading.local):
    seconds = 0.0
    statements = 0


_clock = _Clock()


def restart() -> None:
    """Begin anew, for another request."""
    _clock.seconds, _clock.statements = 0.0, 0


def add_since(began: float) -> None:
    """Count a statement that began at `began` on the monotonic clock and has just ended."""
    _clock.seconds += time.monotonic() - began
    _clock.statements += 1


def spent() -> tuple[float, int]:
    """The seconds and the number of statements since the last restart."""
    return _clock.seconds, _clock.statements
