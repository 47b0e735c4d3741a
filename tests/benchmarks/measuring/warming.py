"""Asks a process questions until it answers those like them as one does that has served for long.

Statements are prepared once on each connection, code that runs the first time is specialised by the
interpreter, tokens are verified once, and bitmaps of words are loaded when a word is asked for again, one
after the other.
"""

import time
from collections.abc import Sequence

from tests.benchmarks.clients.client import Call, each_at_once
from tests.benchmarks.servers.server import Worker

# From here on the processor time of a call is the same from one hundred of them to the next.
WARMING_CALLS = 1_000
MOST_SECONDS = 120.0
# Between two looks at what answers.
WINDOW_SECONDS, WINDOW_CALLS = 2.0, 50
# What answers changes no more: so many looks in a row, the share by no more than this.
STEADY_WINDOWS, STEADY_SHARE = 2, 0.03
SEARCHES, LOADS = "search_reads_total", "word_index_loads_total"


def share_of(before: dict[str, float], after: dict[str, float]) -> float | None:
    """Which part of the searches between the two counts bitmaps answered; None where there was none."""
    spent = {source: after[source] - before.get(source, 0.0) for source in after}
    every = sum(spent.values())
    return spent.get("bitmaps", 0.0) / every if every else None


def warm(
    worker: Worker, calls: Sequence[Call], connections: int, number: int = WARMING_CALLS
) -> Sequence[Call]:
    """Send so many of the calls, over as many connections as are measured, so that each thread has its
    statements prepared. The calls in their order from then on."""
    each_at_once(worker.url, calls, number, connections)
    start = number % len(calls)
    return [*calls[start:], *calls[:start]]


def warm_words(
    worker: Worker, calls: Sequence[Call], connections: int, most_seconds: float = MOST_SECONDS
) -> float | None:
    """Ask until the share that bitmaps answer is steady, for so long at most; that share."""
    began, steady = time.monotonic(), 0
    previous: float | None = None
    loads = worker.counted(LOADS)
    while True:
        before, began_window = worker.counted(SEARCHES), time.monotonic()
        while True:
            calls = warm(worker, calls, connections, WINDOW_CALLS)
            if time.monotonic() > began_window + WINDOW_SECONDS:
                break
        share = share_of(before, worker.counted(SEARCHES))
        is_same = share == previous or (
            share is not None and previous is not None and abs(share - previous) <= STEADY_SHARE
        )
        loads, loads_before = worker.counted(LOADS), loads
        steady = steady + 1 if is_same and loads == loads_before else 0
        if steady == STEADY_WINDOWS or time.monotonic() > began + most_seconds:
            return share
        previous = share
