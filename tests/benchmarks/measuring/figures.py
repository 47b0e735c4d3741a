"""What was measured of one workload, or of a hello-world."""

import statistics
from dataclasses import dataclass, field

from tests.benchmarks.clients.client import Load


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
    # The same on gunicorn's own threaded worker, once beside the workload.
    gthread: float | None = None
    # Milliseconds of a worker's processor time for each of its first calls.
    first: float | None = None
    # Questions that were asked before, of a workload that should ask none twice.
    repeated: int = 0
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
    def times_gthread(self) -> float | None:
        """The processor time as a multiple of a hello-world's on gunicorn's own threaded worker."""
        return self.milliseconds / self.gthread if self.gthread else None

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
