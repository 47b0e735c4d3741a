"""One round of calls to a worker, and the hello-worlds that are measured beside each."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.benchmarks.clients.client import Call, replay
from tests.benchmarks.clients.mixed import SteadySaves
from tests.benchmarks.measuring.figures import Figures
from tests.benchmarks.measuring.warming import MOST_SECONDS, SEARCHES, WARMING_CALLS, share_of, warm
from tests.benchmarks.servers.server import Worker
from tests.benchmarks.workloads.questions import Questions

HELLO = Call("/")


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    seconds: float
    rounds: int
    connections: int
    counted_calls: int = 200
    # Calls of a worker that has just started.
    first_calls: int = 200
    warming_calls: int = WARMING_CALLS
    warming_seconds: float = MOST_SECONDS
    # The saves to send beside each workload at the largest installation, if any.
    mixed: SteadySaves | None = None


class Hello:
    """A hello-world on the same server, measured beside each round; and one on gunicorn's own threaded
    worker, measured beside each workload. Both are warmed as what they are compared with."""

    def __init__(self, worker: Worker, gthread: Worker) -> None:
        self._worker, self._gthread = worker, gthread
        self.figures, self.gthread_figures = Figures(), Figures()

    @property
    def references(self) -> Mapping[str, Figures]:
        """What has been measured of both, by the row's name."""
        both = {"hello-world": self.figures, "hello-world, gthread": self.gthread_figures}
        return {name: figures for name, figures in both.items() if figures.loads}

    def per_second(self, effort: Effort) -> float:
        """The most requests that it has answered in a second of a round."""
        if not self.figures.loads:
            self.measure(effort)
        return max(load.per_second for load in self.figures.loads)

    def measure(self, effort: Effort) -> float:
        """Milliseconds of its processor time for a request."""
        return self._measure(self.figures, self._worker, effort)

    def measure_gthread(self, effort: Effort) -> float:
        return self._measure(self.gthread_figures, self._gthread, effort)

    def _measure(self, figures: Figures, worker: Worker, effort: Effort) -> float:
        if not figures.loads:
            warm(worker, [HELLO], effort.connections, effort.warming_calls)
        # wrk counts whole seconds; shorter rounds are sent from here.
        seconds = max(1.0, effort.seconds / 2) if effort.seconds >= 1 else effort.seconds
        one_round(figures, worker, Questions([HELLO]), replace(effort, seconds=seconds))
        return figures.processor[-1]


def one_round(
    figures: Figures,
    worker: Worker,
    questions: Questions,
    effort: Effort,
    hello: float | None = None,
) -> None:
    searches = worker.counted(SEARCHES)
    before = worker.processor_seconds()
    load = replay(worker.url, questions.rest(), effort.seconds, effort.connections)
    spent = worker.processor_seconds() - before
    figures.loads.append(load)
    # When time is up each connection waits for an answer, which is not counted.
    figures.repeated += questions.asked(load.requests, effort.connections)
    figures.processor.append(1000 * spent / max(1, load.requests))
    if hello:
        figures.hello.append(hello)
    share = share_of(searches, worker.counted(SEARCHES))
    if share is not None:
        figures.by_bitmaps.append(share)
