"""The figures as tables, on a terminal or in Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.measuring.figures import Figures
from tests.benchmarks.workloads import aims
from tests.benchmarks.workloads.aims import Judgement
from tests.benchmarks.workloads.repeated import Workload

HEADINGS = (
    "workload",
    "tutors",
    "req/s",
    "p50 ms",
    "p99 ms",
    "growth",
    "CPU ms",
    "× hello",
    "× gthread",
    "first 200",
    "PG ms",
    "pages",
    "+ log",
    "bitmaps",
    "mixed",
)
GROWTH = HEADINGS.index("growth")
EXPLANATION = (
    "growth: of p50, from the fewest tutors to the most. CPU ms: of the worker per request, from"
    " /proc, and as a multiple of the hello-world's in the same rounds. × gthread: of a hello-world's on"
    " gunicorn's own threaded worker, which no aim is of. first 200: CPU ms of a worker that has just"
    " started, for each of its first 200 calls. PG ms: PostgreSQL's own time"
    " for the request's statements. pages: 8 kB pages PostgreSQL touched per request. + log: pages for"
    " the implicit events of the request, which one writer stores in batches. bitmaps: which part of"
    " the searches bitmaps of words answered, the others SQL. mixed: p50 with 20 saves of public"
    " profiles a second beside it, as a multiple of p50. A ! marks what misses its aim."
)
COLD = ", cold"


@dataclass(frozen=True)
class Measured:
    workload: Workload
    by_tutors: Mapping[int, Figures]

    @property
    def largest(self) -> int:
        return max(self.by_tutors)

    @property
    def growth(self) -> float | None:
        sizes = sorted(self.by_tutors)
        if len(sizes) < 2:
            return None
        return self.by_tutors[sizes[-1]].p50 / self.by_tutors[sizes[0]].p50

    def judgements(self) -> list[Judgement]:
        """Each figure at the largest size beside its aim, where it has both."""
        aim, figures = self.workload.aim, self.by_tutors[self.largest]
        if aim is None:
            return []
        own = aim.milliseconds and figures.hello and aim.milliseconds / median_hello(figures)
        judged = (
            ("× hello", figures.times_hello, aim.times_hello + (own or 0.0), 2),
            ("PG ms", figures.database, aim.database, 2),
            ("pages", figures.pages, aim.pages, 0),
            ("growth", self.growth, aim.growth, 2),
            ("mixed", figures.mixed_ratio, aims.MIXED, 2),
        )
        return [
            Judgement(name, value, most, digits)
            for name, value, most, digits in judged
            if value is not None and most is not None
        ]


def median_hello(figures: Figures) -> float:
    return sorted(figures.hello)[len(figures.hello) // 2]


def with_cold(workload: Workload, by_tutors: Mapping[int, Figures]) -> list[Measured]:
    """What was measured, and what of it by a process that has just started."""
    measured = [Measured(workload, by_tutors)]
    cold = {size: each.cold for size, each in by_tutors.items() if each.cold is not None}
    if cold:
        named = Workload(workload.name + COLD, workload.calls, workload.aim)
        measured.append(Measured(named, cold))
    return measured


def rows(references: Mapping[str, Figures], measured: Sequence[Measured]) -> list[list[str]]:
    """The table's rows: of each workload one for each number of tutors."""
    made = [row(name, "", figures, {}, None) for name, figures in references.items()]
    for each in measured:
        for tutors, figures in sorted(each.by_tutors.items()):
            judged = each.judgements() if tutors == each.largest else []
            missed = {one.figure: " !" for one in judged if not one.is_met}
            growth = each.growth if tutors == each.largest else None
            made.append(row(each.workload.name, f"{tutors:,}", figures, missed, growth))
    return made


def row(
    name: str, tutors: str, figures: Figures, missed: Mapping[str, str], growth: float | None
) -> list[str]:
    def cell(heading: str, value: float | None, digits: int) -> str:
        return "" if value is None else f"{value:.{digits}f}{missed.get(heading, '')}"

    share = figures.share_by_bitmaps
    repeated = f" ({figures.repeated} repeated)" if figures.repeated else ""
    return [
        name + (f" ({figures.errors} errors!)" if figures.errors else "") + repeated,
        tutors,
        f"{figures.per_second:.0f}",
        f"{figures.p50:.2f}",
        f"{figures.p99:.1f}",
        cell("growth", growth, 2),
        f"{figures.milliseconds:.2f}",
        cell("× hello", figures.times_hello, 2),
        cell("× gthread", figures.times_gthread, 2),
        cell("first 200", figures.first, 2),
        cell("PG ms", figures.database, 2),
        cell("pages", figures.pages, 0),
        f"{figures.pages_log:.0f}" if figures.pages_log >= 0.5 else "",
        "" if share is None else f"{share:.0%}",
        cell("mixed", figures.mixed_ratio, 2),
    ]


def show(
    console: Console, references: Mapping[str, Figures], measured: Sequence[Measured], title: str
) -> None:
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if number == 0 else "right", no_wrap=True)
    for cells in rows(references, measured):
        table.add_row(*cells)
    console.print(table)
    console.print(EXPLANATION)


def markdown(references: Mapping[str, Figures], measured: Sequence[Measured]) -> str:
    """The same for docs/performance.md, at the largest size only, with the growth up to it."""
    largest = {f"{each.largest:,}" for each in measured} | {""}
    made = [cells for cells in rows(references, measured) if cells[1] in largest]
    return markdown_table(HEADINGS, made)


def verdicts(measured: Sequence[Measured]) -> str:
    """Each figure beside its aim, and whether all of a workload's are met, in Markdown."""
    headings = ("× hello", "PG ms", "pages", "growth", "mixed")
    made = []
    for each in measured:
        judged = {one.figure: one for one in each.judgements()}
        if judged:
            missed = [name for name, one in judged.items() if not one.is_met]
            cells = [str(judged.get(heading, "")) for heading in headings]
            verdict = f"missed: {', '.join(missed)}" if missed else "met"
            made.append([each.workload.name, *cells, verdict])
    return markdown_table(("figure of aim", *headings, "all"), made)


def markdown_table(headings: Sequence[str], made: Sequence[Sequence[str]]) -> str:
    """The first column is of text, the others are of numbers."""
    lines = [headings, ("---",) + ("---:",) * (len(headings) - 1), *made]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
