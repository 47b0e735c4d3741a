"""Places for costly requests: so many at once in this process, so that threads are left for others."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from common.http.problems.errors import Unavailable
from common.translation import Message

# How many may wait for a place, and how long: short, as each waits with a thread.
QUEUE = 1
WAIT_SECONDS = 0.5


class Places:
    """At most `number` at once, beside QUEUE who wait; `refusal` says why there is none."""

    def __init__(self, number: int, refusal: Message) -> None:
        self._places = BoundedSemaphore(number)
        self._admitted = BoundedSemaphore(number + QUEUE)
        self._refusal = refusal

    @contextmanager
    def take(self) -> Iterator[None]:
        """A place for the time of the block. Raises Unavailable where there is none."""
        if not self._admitted.acquire(blocking=False):
            raise Unavailable(self._refusal)
        try:
            if not self._places.acquire(timeout=WAIT_SECONDS):
                raise Unavailable(self._refusal)
            try:
                yield
            finally:
                self._places.release()
        finally:
            self._admitted.release()
