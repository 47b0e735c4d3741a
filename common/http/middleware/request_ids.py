"""Random ids of requests, whose bytes the system is asked for once for many of them: a call that
waits for no one and yet lets another thread in."""

import os
from threading import Lock

RANDOM_BYTES = 4096
ID_BYTES = 16
# RFC 9562 §5.4: a random UUID's version and variant, among its hexadecimal digits.
VARIANTS = "89ab" * 4


class _RandomBytes:
    """Bytes of the system's, each of which is given out once."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew in a forked child, which would give out what its parent does."""
        self._lock = Lock()
        self._ids: list[str] = []

    def take(self) -> str:
        """Hexadecimal digits for one id."""
        with self._lock:
            if not self._ids:
                digits = os.urandom(RANDOM_BYTES).hex()
                size = 2 * ID_BYTES
                self._ids = [digits[at : at + size] for at in range(0, len(digits), size)]
            return self._ids.pop()


_random = _RandomBytes()
os.register_at_fork(after_in_child=_random.reset)


def new_request_id() -> str:
    """A random UUID (version 4) as text."""
    digits = _random.take()
    variant = VARIANTS[int(digits[16], 16)]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
