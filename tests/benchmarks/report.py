"""The figures as one table, on a terminal or in Markdown."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Figures
from tests.benchmarks.workloads import Workload

HEADINGS = (
    "workload",
    "tutors",
    "req/s",
    "p50 ms",
    "p99 ms",
    "growth",
    "CPU ms",
    "× hello",
    "PG ms",
    "pages",
    "+ log",
    "mixed",
)
# How many times as long an answer may take beside the saves of a mixed load.
MIXED_AIM = 1.5
GROWTH = HEADINGS.index("growth")
EXPLANATION = (
    "growth: of p50, from the fewest tutors to the most. CPU ms: of the worker per request, from"
    " /proc, and as a multiple of the hello-world's. PG ms: PostgreSQL's own time for the request's"
    " statements. pages: 8 kB pages PostgreSQL touched per request. + log: pages for the implicit"
    " events of the request, which one writer stores in batches. mixed: p50 with 20 saves of public"
    " profiles a second beside it, as a multiple of p50. A ! marks what misses its aim."
)


@dataclass(frozen=True)
class Measured:
    workload: Workload
    by_tutors: Mapping[int, Figures]

    @property
    def growth(self) -> float | None:
        sizes = sorted(self.by_tutors)
        if len(sizes) < 2:
            return None
        return self.by_tutors[sizes[-1]].p50 / self.by_tutors[sizes[0]].p50


def marked(value: float | None, aim: float | None, digits: int) -> str:
    """A figure, with a mark if it misses its aim."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    return f"{text} !" if aim is not None and float(text) > aim else text


def rows(hello: Figures, measured: list[Measured]) -> list[list[str]]:
    """The table's rows: of each workload one for each number of tutors."""
    made = [row("hello-world", "", hello, "", None, None)]
    for each in measured:
        largest = max(each.by_tutors)
        for tutors, figures in sorted(each.by_tutors.items()):
            times = figures.milliseconds / hello.milliseconds
            is_largest = tutors == largest
            made.append(
                row(
                    each.workload.name,
                    f"{tutors:,}",
                    figures,
                    marked(each.growth, each.workload.growth, 2) if is_largest else "",
                    times,
                    each.workload,
                )
            )
    return made


def row(
    name: str,
    tutors: str,
    figures: Figures,
    growth: str,
    times: float | None,
    workload: Workload | None,
) -> list[str]:
    aims = workload or Workload(name, lambda installation: [])
    return [
        name + (f" ({figures.errors} errors!)" if figures.errors else ""),
        tutors,
        f"{figures.per_second:.0f}",
        f"{figures.p50:.2f}",
        f"{figures.p99:.1f}",
        growth,
        f"{figures.milliseconds:.2f}",
        marked(times, aims.times_hello, 2),
        marked(figures.database, aims.database, 2),
        marked(figures.pages, aims.pages, 0),
        f"{figures.pages_log:.0f}" if figures.pages_log >= 0.5 else "",
        marked(figures.mixed_ratio, MIXED_AIM, 2),
    ]


def show(console: Console, hello: Figures, measured: list[Measured], title: str) -> None:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if number == 0 else "right", no_wrap=True)
    for cells in rows(hello, measured):
        table.add_row(*cells)
    console.print(table)
    console.print(EXPLANATION)


def markdown(hello: Figures, measured: list[Measured]) -> str:
    """The same for docs/performance.md, at the largest size only."""
    largest = [
        Measured(each.workload, {size: figures})
        for each in measured
        for size, figures in [max(each.by_tutors.items())]
    ]
    made = rows(hello, largest)
    for cells, each in zip(made[1:], measured, strict=True):
        cells[GROWTH] = marked(each.growth, each.workload.growth, 2)
    lines = [HEADINGS, ("---",) + ("---:",) * (len(HEADINGS) - 1), *made]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
