"""Requests at other times than now."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import time_machine

from common import clock

# Longer than saves share a snapshot, and shorter than an access token lives.
PAUSE = timedelta(minutes=11)


def later(pauses: float = 1) -> AbstractContextManager[Any]:
    """Within the block it is so many pauses later than outside of it, and time goes on."""
    return time_machine.travel(clock.now() + PAUSE * pauses)
