"""Measures workloads at all installations, and a hello-world in the same run to compare with.

With `Effort.mixed` each is measured once more, in turn, with saves of profiles beside it.
"""

from collections.abc import Iterator, Sequence
from http.client import HTTPException
from math import ceil
from subprocess import SubprocessError

import psutil
import psycopg2

from tests.benchmarks.clients.client import Call, replay_some
from tests.benchmarks.clients.mixed import SteadySaves
from tests.benchmarks.measuring.counting import count
from tests.benchmarks.measuring.figures import Figures
from tests.benchmarks.measuring.rounds import Effort, Hello, one_round
from tests.benchmarks.measuring.warming import warm, warm_words
from tests.benchmarks.servers.installation import Installation
from tests.benchmarks.workloads.distinct_places import saves
from tests.benchmarks.workloads.questions import SAVING_SEED, WARMING_SEED, Questions, different
from tests.benchmarks.workloads.repeated import Workload


def measure(
    workload: Workload, installations: Sequence[Installation], hello: Hello, effort: Effort
) -> dict[int, Figures] | None:
    """The workload's figures by number of tutors; None where an installation has nothing to ask for."""
    gthread = hello.measure_gthread(effort)
    most = most_asked(hello.per_second(effort), effort)
    questions: dict[int, Questions] = {}
    for installation in installations:
        measured, warming = calls_of(workload, installation, most)
        if not measured or installation.answer((warming or measured)[0])[0] == 404:
            return None
        warm_for(workload, installation, warming or measured, effort)
        questions[installation.tutors] = Questions(measured, workload.makers is not None)
    figures = {installation.tutors: Figures(gthread=gthread) for installation in installations}
    largest = max(installations, key=lambda installation: installation.tutors)
    own, asked = figures[largest.tutors], questions[largest.tutors]
    # The installations take turns, so that what else the machine does falls on all of them.
    for _ in range(effort.rounds):
        beside = hello.measure(effort)
        for installation in installations:
            assert installation.worker is not None
            number = installation.tutors
            one_round(figures[number], installation.worker, questions[number], effort, beside)
        if effort.mixed is not None:
            one_mixed_round(own, largest, asked, effort, effort.mixed)
    count(own, largest, asked, effort.counted_calls)
    if workload.makers:
        own.first = measure_first(largest, asked, effort)
    if workload.by_words:
        own.cold = measure_cold(largest, asked, hello, effort)
        own.cold.gthread = gthread
    return figures


def most_asked(per_second: float, effort: Effort) -> int:
    """So many questions are enough, since none is answered as fast as a hello-world."""
    rounds = effort.rounds * (1 if effort.mixed is None else 2)
    sent = per_second * effort.seconds * rounds + effort.connections * rounds
    return ceil(sent) + effort.counted_calls + effort.first_calls


def calls_of(
    workload: Workload, installation: Installation, most: int
) -> tuple[Sequence[Call], Sequence[Call]]:
    """The calls to measure, and others of the same kind to be sent before; none where they repeat."""
    if workload.makers is None:
        return workload.calls(installation), ()
    makers = workload.makers(installation)
    measured = different(makers.measured, number=most)
    return measured, different(makers.warming, WARMING_SEED, measured)


def warm_for(
    workload: Workload, installation: Installation, calls: Sequence[Call], effort: Effort
) -> None:
    """What is only ever done once (dictionaries, plans, connections) is not what is measured."""
    worker = installation.worker
    assert worker is not None
    if workload.by_words:
        # Many more calls, until they are answered as they will be.
        warm_words(worker, calls, effort.connections, effort.warming_seconds)
    else:
        warm(worker, calls, effort.connections, effort.warming_calls)


def measure_first(installation: Installation, questions: Questions, effort: Effort) -> float:
    """Milliseconds of processor time for each of the first calls of a worker that has just started."""
    with installation.another_worker():
        installation.await_filter_index()
        return first_calls(installation, questions, effort)


def first_calls(installation: Installation, questions: Questions, effort: Effort) -> float:
    worker = installation.worker
    assert worker is not None
    before, rest = worker.processor_seconds(), questions.rest()
    answered, sent = replay_some(worker.url, rest, effort.first_calls, effort.connections)
    questions.asked(answered, sent - answered)
    return 1000 * (worker.processor_seconds() - before) / answered


def measure_cold(
    installation: Installation, questions: Questions, hello: Hello, effort: Effort
) -> Figures:
    """The same by a worker that has just started and answers all searches by SQL."""
    figures = Figures()
    with installation.another_worker(WORD_INDEX_MB="0") as worker:
        installation.await_filter_index()
        figures.first = first_calls(installation, questions, effort)
        for _ in range(effort.rounds):
            one_round(figures, worker, questions, effort, hello.measure(effort))
        count(figures, installation, questions, effort.counted_calls // 2)
    return figures


def one_mixed_round(
    figures: Figures,
    installation: Installation,
    questions: Questions,
    effort: Effort,
    beside: SteadySaves,
) -> None:
    assert installation.worker is not None
    figures.mixed = figures.mixed or Figures()
    with beside:
        one_round(figures.mixed, installation.worker, questions, effort)


def saves_beside(installation: Installation) -> SteadySaves:
    """Saves to send beside the workloads at this installation, which has started."""
    return SteadySaves(installation.url, different(saves(installation).measured, SAVING_SEED))


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
