"""Measures workloads at all installations, and a hello-world in the same run to compare with.

With `Effort.mixed` each is measured once more, in turn, with saves of profiles beside it.
"""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from subprocess import SubprocessError

import psutil
import psycopg2

from tests.benchmarks.client import Call, Load, each_once, replay
from tests.benchmarks.distinct_places import saves
from tests.benchmarks.installation import Installation
from tests.benchmarks.mixed import SteadySaves
from tests.benchmarks.server import Worker
from tests.benchmarks.warming import MOST_SECONDS, SEARCHES, share_of, warm
from tests.benchmarks.workloads import LOG, Workload

HELLO = Call("/")
WARM_UP_CALLS = 20


@dataclass
class Figures:
    """One workload at one installation; medians of the rounds."""

    loads: list[Load] = field(default_factory=list)
    # Milliseconds of the worker's processor time per request, by round.
    processor: list[float] = field(default_factory=list)
    # Milliseconds of PostgreSQL's own clock per request; and on inserts into the log.
    database: float | None = None
    database_log: float = 0.0
    # 8 kB pages that PostgreSQL touched per request; and those of the log, where it is not read.
    pages: float | None = None
    pages_log: float = 0.0
    # Milliseconds of the hello-world's processor time in the same rounds.
    hello: list[float] = field(default_factory=list)
    # Which part of the searches bitmaps of words answered, by round; the others SQL.
    by_bitmaps: list[float] = field(default_factory=list)
    # The same workload beside saves of profiles, whose own processor time is in it too.
    mixed: "Figures | None" = None
    # The same where searches are answered by SQL, as by a process that has just begun.
    cold: "Figures | None" = None

    @property
    def times_hello(self) -> float | None:
        """The processor time as a multiple of a hello-world's of the same round."""
        ratios = [own / other for own, other in zip(self.processor, self.hello, strict=False)]
        return statistics.median(ratios) if ratios else None

    @property
    def share_by_bitmaps(self) -> float | None:
        return statistics.fmean(self.by_bitmaps) if self.by_bitmaps else None

    @property
    def mixed_ratio(self) -> float | None:
        """How many times as long the median answer takes beside saves."""
        return None if self.mixed is None else self.mixed.p50 / self.p50

    @property
    def p50(self) -> float:
        return statistics.median(load.p50 for load in self.loads)

    @property
    def p99(self) -> float:
        return statistics.median(load.p99 for load in self.loads)

    @property
    def per_second(self) -> float:
        return statistics.median(load.per_second for load in self.loads)

    @property
    def milliseconds(self) -> float:
        return statistics.median(self.processor)

    @property
    def errors(self) -> int:
        return sum(load.errors for load in self.loads)


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    seconds: float
    rounds: int
    connections: int
    counted_calls: int = 200
    warming_seconds: float = MOST_SECONDS
    # The saves to send beside each workload at the largest installation, if any.
    mixed: SteadySaves | None = None


class Hello:
    """A hello-world on the same server, measured beside each round."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self.figures = Figures()

    def measure(self, effort: Effort) -> float:
        """Milliseconds of its processor time for a request."""
        # wrk counts whole seconds; shorter rounds are sent from here.
        seconds = max(1.0, effort.seconds / 2) if effort.seconds >= 1 else effort.seconds
        one_round(self.figures, self._worker, [HELLO], replace(effort, seconds=seconds))
        return self.figures.processor[-1]


def measure(
    workload: Workload, installations: Sequence[Installation], hello: Hello, effort: Effort
) -> dict[int, Figures] | None:
    """The workload's figures by number of tutors; None where an installation has nothing to ask for."""
    calls = {installation.tutors: workload.calls(installation) for installation in installations}
    for installation in installations:
        made = calls[installation.tutors]
        if not made or installation.answer(made[0])[0] == 404:
            return None
        if workload.warming:
            assert installation.worker is not None
            warm(installation.worker, workload.warming(installation), effort.warming_seconds)
        # What is only ever done once (dictionaries, plans, connections) is not what is measured.
        list(each_once(installation.url, made, WARM_UP_CALLS))
    figures = {installation.tutors: Figures() for installation in installations}
    largest = max(installations, key=lambda installation: installation.tutors)
    # The installations take turns, so that what else the machine does falls on all of them.
    for number in range(effort.rounds):
        beside = hello.measure(effort)
        for installation in installations:
            assert installation.worker is not None
            one_round(
                figures[installation.tutors],
                installation.worker,
                part_of(calls[installation.tutors], number, effort.rounds + 1),
                effort,
                beside,
            )
        if effort.mixed is not None:
            part = part_of(calls[largest.tutors], number, effort.rounds + 1)
            one_mixed_round(figures[largest.tutors], largest, part, effort, effort.mixed)
    counted = part_of(calls[largest.tutors], effort.rounds, effort.rounds + 1)
    count(figures[largest.tutors], largest, counted, effort.counted_calls)
    if workload.warming:
        figures[largest.tutors].cold = measure_cold(largest, calls[largest.tutors], hello, effort)
    return figures


def measure_cold(
    installation: Installation, calls: Sequence[Call], hello: Hello, effort: Effort
) -> Figures:
    """The same by a worker that has just started and answers all searches by SQL."""
    figures = Figures()
    with installation.another_worker(WORD_INDEX_MB="0") as worker:
        installation.await_bitmaps()
        list(each_once(worker.url, calls, WARM_UP_CALLS))
        for number in range(effort.rounds):
            part = part_of(calls, number, effort.rounds + 1)
            one_round(figures, worker, part, effort, hello.measure(effort))
        part = part_of(calls, effort.rounds, effort.rounds + 1)
        count(figures, installation, part, effort.counted_calls // 2)
    return figures


def part_of(calls: Sequence[Call], number: int, parts: int) -> Sequence[Call]:
    """The calls from the given part on, those before it last: so that of many different ones each
    round begins with others."""
    start = number * len(calls) // parts
    return [*calls[start:], *calls[:start]]


def one_round(
    figures: Figures,
    worker: Worker,
    calls: Sequence[Call],
    effort: Effort,
    hello: float | None = None,
) -> None:
    searches = worker.counted(SEARCHES)
    before = worker.processor_seconds()
    load = replay(worker.url, calls, effort.seconds, effort.connections)
    spent = worker.processor_seconds() - before
    figures.loads.append(load)
    figures.processor.append(1000 * spent / max(1, load.requests))
    if hello:
        figures.hello.append(hello)
    share = share_of(searches, worker.counted(SEARCHES))
    if share is not None:
        figures.by_bitmaps.append(share)


def one_mixed_round(
    figures: Figures,
    installation: Installation,
    calls: Sequence[Call],
    effort: Effort,
    saves: SteadySaves,
) -> None:
    assert installation.worker is not None
    figures.mixed = figures.mixed or Figures()
    with saves:
        one_round(figures.mixed, installation.worker, calls, effort)


def saves_beside(installation: Installation) -> SteadySaves:
    """Saves to send beside the workloads at this installation, which has started."""
    return SteadySaves(installation.url, saves(installation))


def count(figures: Figures, installation: Installation, calls: Sequence[Call], number: int) -> None:
    """What does not depend on the machine: pages touched, and PostgreSQL's own time."""
    reporting = calls[0]
    quiet = [installation.pages_so_far(reporting), installation.pages_so_far(reporting)]
    database, database_log = installation.statements(calls, number)
    after = installation.pages_so_far(reporting)
    # The calls that only made connections report are taken off.
    rest, log = (
        max(0.0, (after[kind] - 2 * quiet[1][kind] + quiet[0][kind]) / number) for kind in (0, 1)
    )
    is_of_log = calls[0].path.startswith(LOG)
    # Of a call about the log, its rows are the work itself.
    figures.database = database + database_log if is_of_log else database
    figures.database_log = 0.0 if is_of_log else database_log
    figures.pages = rest + log if is_of_log else rest
    figures.pages_log = 0.0 if is_of_log else log


def in_turn(
    workloads: Sequence[Workload],
    installations: Sequence[Installation],
    hello: Hello,
    effort: Effort,
) -> Iterator[tuple[Workload, dict[int, Figures] | Exception | None]]:
    """The figures of each workload, or why it has none: the others are measured nevertheless."""
    for workload in workloads:
        try:
            yield workload, measure(workload, installations, hello, effort)
        except (AssertionError, OSError, ArithmeticError, ValueError, RuntimeError) as error:
            yield workload, error
        except (psycopg2.Error, psutil.Error, SubprocessError, HTTPException) as error:
            yield workload, error
