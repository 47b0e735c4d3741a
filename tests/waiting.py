"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def eventually(find: Callable[[], Found], seconds: float = 60) -> Found:
    """What `find` answers once that is true; fails when it does not come to be."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, "did not come to be"
        time.sleep(0.05)
    return found
