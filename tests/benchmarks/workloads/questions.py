"""The calls of a workload in turn: each round goes on where the one before it ended, so that those of
different questions ask none twice."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from random import Random

from tests.benchmarks.clients.client import Call

# As many as are made where nobody says how many a run asks.
QUESTIONS = 4_000
SEED, WARMING_SEED, SAVING_SEED = 1, 2, 3
# Draws in a row without a new call, after which there are taken to be no more.
MOST_MISSES = 2_000
Maker = Callable[[Random], Call]


@dataclass(frozen=True)
class Makers:
    """What makes a call of one kind by chance: a measured one, and one that is sent before, which goes
    through all that is done once for each person or thing."""

    measured: Maker
    warming: Maker


class Questions:
    """`calls` to be sent in turn; with `is_distinct` those sent again are counted."""

    def __init__(self, calls: Sequence[Call], is_distinct: bool = False) -> None:
        self._calls = calls
        self._is_distinct = is_distinct
        self._asked = 0

    def rest(self) -> Sequence[Call]:
        """All calls: those not asked yet, and then the others in the order in which they were."""
        start = self._asked % len(self._calls)
        return [*self._calls[start:], *self._calls[:start]]

    def asked(self, number: int, unanswered: int = 0) -> int:
        """Note so many as answered, and others as sent; how many of the answered ones repeat."""
        left = max(0, len(self._calls) - self._asked)
        repeated = max(0, number - left) if self._is_distinct else 0
        self._asked += number + unanswered
        return repeated


def different(
    make: Maker, seed: int = SEED, beside: Collection[Call] = (), number: int = QUESTIONS
) -> Sequence[Call]:
    """So many different calls, or all there are; the same in every run, and none of those `beside`.
    A greater number begins with those of a smaller one."""
    random, found = Random(seed), list[Call]()
    known = {repr(call) for call in beside}
    misses = 0
    while len(found) < number and misses < MOST_MISSES:
        call = make(random)
        if (name := repr(call)) in known:
            misses += 1
        else:
            misses = 0
            known.add(name)
            found.append(call)
    return found
