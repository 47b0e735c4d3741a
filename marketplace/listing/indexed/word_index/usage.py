"""Which clauses are asked for, which of them wait to be loaded, and which are given up for others."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Container, Iterable

from marketplace.listing.indexed.word_index.state import Clause

# A clause asked for once is likely never asked for again.
FEWEST_USES = 2
# So many clauses are counted, and wait to be loaded.
MOST_COUNTED, MOST_WAITING = 8_192, 1_024
# And so many are loaded, however few tutors have them: every catch-up asks about each.
MOST_LOADED = 8_192


class ClauseUsage:
    """Safe for threads: its lock is held for moments."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        # By clause, the one used longest ago first: the sizes of those loaded, the uses of others.
        self._bytes = OrderedDict[Clause, int]()
        self._uses = OrderedDict[Clause, int]()
        self._waiting = OrderedDict[Clause, None]()
        self.start_in_process()

    def start_in_process(self) -> None:
        """After a fork, too: a lock that a thread of the parent held would never be released."""
        self._lock = threading.Lock()

    def touch(self, clauses: Iterable[Clause]) -> None:
        """Loaded clauses are asked for: others go before them."""
        with self._lock:
            for clause in clauses:
                if clause in self._bytes:
                    self._bytes.move_to_end(clause)

    def note(self, clauses: Iterable[Clause], loaded: Container[Clause]) -> None:
        """Clauses are asked for; those asked for again that are not loaded will wait."""
        with self._lock:
            for clause in clauses:
                if clause in loaded:
                    if clause in self._bytes:
                        self._bytes.move_to_end(clause)
                    continue
                uses = self._uses[clause] = self._uses.pop(clause, 0) + 1
                if len(self._uses) > MOST_COUNTED:
                    self._uses.popitem(last=False)
                if uses >= FEWEST_USES and len(self._waiting) < MOST_WAITING:
                    self._waiting[clause] = None

    @property
    def has_waiting(self) -> bool:
        return bool(self._waiting)

    def next_waiting(self) -> Clause | None:
        """The one that waits longest, which waits no more."""
        with self._lock:
            return self._waiting.popitem(last=False)[0] if self._waiting else None

    def store(self, clause: Clause, size: int) -> Collection[Clause]:
        """Note the bytes of a clause that is loaded; which others have to go for it."""
        gone = []
        with self._lock:
            self._bytes[clause] = size
            while len(self._bytes) > 1 and self._is_too_much:
                gone.append(self._bytes.popitem(last=False)[0])
        return gone

    def lose_all(self) -> None:
        """No clause is loaded any more; what was used last waits to be."""
        with self._lock:
            room = max(0, MOST_WAITING - len(self._waiting))
            self._waiting.update(dict.fromkeys([*self._bytes][-room:] if room else ()))
            self._bytes.clear()

    @property
    def _is_too_much(self) -> bool:
        return len(self._bytes) > MOST_LOADED or self.bytes > self._most_bytes

    @property
    def bytes(self) -> int:
        return sum(self._bytes.values())
