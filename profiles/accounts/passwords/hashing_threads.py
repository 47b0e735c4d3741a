"""Where password hashes are computed: on a few threads of each process, which bounds their memory.

argon2 takes PASSWORD_HASH_MEMORY_KIB for each hash, and glibc leaves freed memory with the arena of
the thread that used it: on the threads that serve requests that would be 20 MB for each of them, on
these it is HASHES_AT_ONCE times 20 MB at most. (A worker tells glibc at its start to return such
blocks; see `common.operations.memory`. The bound holds where the C library or the operator differ.)
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TypeVar

from common.http.problems.errors import Unavailable
from common.translation import lazy_gettext

Result = TypeVar("Result")

# More at once would not be quicker.
HASHES_AT_ONCE = 2
LONGEST_WAIT_SECONDS = 5
slots = BoundedSemaphore(HASHES_AT_ONCE)
_executor: ThreadPoolExecutor | None = None


def run_hashing(work: Callable[[], Result]) -> Result:
    """`work()` on one of the hashing threads.

    Raises Unavailable when none is free for LONGEST_WAIT_SECONDS, and whatever `work` raises.
    """
    with _slot():
        return _threads().submit(work).result()


@contextmanager
def _slot() -> Iterator[None]:
    if not slots.acquire(timeout=LONGEST_WAIT_SECONDS):
        raise Unavailable(
            lazy_gettext("Too many people are logging in just now; please try again shortly.")
        )
    try:
        yield
    finally:
        slots.release()


def _threads() -> ThreadPoolExecutor:
    global _executor
    if _executor is None:
        _executor = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="password-hash")
    return _executor


def _start_afresh() -> None:
    """In a forked child the threads do not exist, and slots of the parent's requests stay taken."""
    global _executor, slots
    _executor, slots = None, BoundedSemaphore(HASHES_AT_ONCE)


os.register_at_fork(after_in_child=_start_afresh)
