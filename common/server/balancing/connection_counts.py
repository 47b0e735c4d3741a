"""How many connections each worker of one gunicorn has, in memory that all of them share."""

import os
import weakref
from mmap import mmap
from typing import Any

# Workers that exist at a time; a reload has twice the usual number for a while.
SLOTS = 128
# From this many connections more than another one has, a worker has too many.
LEAST_DIFFERENCE = 2


class ConnectionCounts:
    """One number per worker, written by that worker alone and read by all.

    Gunicorn makes its workers before it forks, so the memory and the numbers of the slots are
    theirs and its own. It drops a worker that it has found dead, which frees the slot.
    """

    def __init__(self) -> None:
        # Of each slot the connections and one more, or 0 where nobody accepts any.
        self._counts = memoryview(mmap(-1, 4 * SLOTS)).cast("I")
        self._free = [*range(SLOTS)]

    def reserve(self, worker: Any) -> int | None:
        """A slot for as long as `worker` is known to this process; None where all are taken."""
        if not self._free:
            return None
        slot = self._free.pop()
        # A worker has copies of the others, whose end says nothing.
        weakref.finalize(worker, self._release, slot, os.getpid()).atexit = False
        return slot

    def _release(self, slot: int, owner: int) -> None:
        if os.getpid() == owner:
            self._counts[slot] = 0
            self._free.append(slot)

    def publish(self, slot: int, connections: int | None) -> None:
        """Say how many connections a worker has; None if it accepts no more."""
        self._counts[slot] = 0 if connections is None else connections + 1

    def least(self) -> int | None:
        """The fewest connections that a worker has which accepts more; None if none does."""
        return min(self._accepting(), default=None)

    def excess(self, connections: int) -> int:
        """How many of its connections a worker has beyond its share, where that is worth a change."""
        counts = self._accepting()
        if not counts:
            return 0
        share = -(-sum(counts) // len(counts))
        is_uneven = connections - min(counts) >= max(LEAST_DIFFERENCE, share // 4)
        return max(0, connections - share) if is_uneven else 0

    def _accepting(self) -> list[int]:
        return [count - 1 for count in self._counts if count]
