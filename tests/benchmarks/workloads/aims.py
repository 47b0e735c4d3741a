"""What each kind of request may cost, as data: marks, the table of aims and records are made of it."""

from dataclasses import dataclass

# How many times as long an answer may take beside the saves of a mixed load.
MIXED = 1.5


@dataclass(frozen=True)
class Aim:
    """The most that a request of a kind may take at the largest installation.

    `times_hello` is the worker's processor time as a multiple of a hello-world's of the same round, and
    `milliseconds` what may be added to that; `database` PostgreSQL's milliseconds; `pages` of 8 kB;
    `growth` the median answer from the fewest tutors to the most.
    """

    times_hello: float
    database: float
    growth: float
    pages: float | None = None
    milliseconds: float = 0.0


STORED = Aim(1.3, 0.1, 1.1)
FILTERS = Aim(2.2, 1.0, 1.2, pages=150)
NOBODY = Aim(1.3, 0.2, 1.2)
# Three milliseconds are for the counting itself.
FACETS = Aim(3.0, 0.2, 2.0, milliseconds=3.0)
SEARCH = Aim(2.2, 4.0, 1.5)
SEARCH_WITH_FILTERS = Aim(2.5, 8.0, 2.0)
LOG = Aim(2.2, 1.5, 1.2, pages=100)
TRIGGER = Aim(3.0, 0.6, 1.1)
AUTOSAVE = Aim(2.5, 0.6, 1.1)
PROFILE_SAVE = Aim(5.0, 2.0, 1.1)


@dataclass(frozen=True)
class Judgement:
    """A figure beside the most it should be, both in the same unit."""

    figure: str
    value: float
    aim: float
    digits: int

    @property
    def is_met(self) -> bool:
        return float(f"{self.value:.{self.digits}f}") <= round(self.aim, self.digits)

    def __str__(self) -> str:
        mark = "" if self.is_met else " !"
        return f"{self.value:.{self.digits}f} of {self.aim:.{self.digits}f}{mark}"
