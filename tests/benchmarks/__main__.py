"""`python -m tests.benchmarks`: seeds, drives real gunicorns over HTTP, prints one table."""

import platform
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import psutil
from rich.console import Console
from tqdm import tqdm

from common.config import ROOT
from common.config.catalogue import SETTINGS
from tests.benchmarks.hostile import hostile_markdown, measure_hostile
from tests.benchmarks.measuring.measure import in_turn, saves_beside
from tests.benchmarks.measuring.rounds import Effort, Hello
from tests.benchmarks.reports.record import Record, Recorder
from tests.benchmarks.reports.record import compare as side_by_side
from tests.benchmarks.reports.record import read_record
from tests.benchmarks.reports.report import markdown, show, verdicts, with_cold
from tests.benchmarks.servers.installation import Installation, OutdatedSchema
from tests.benchmarks.servers.server import GTHREAD, Worker
from tests.benchmarks.servers.state import state_of, states_table
from tests.benchmarks.workloads.distinct import DISTINCT
from tests.benchmarks.workloads.distinct_places import DISTINCT_READS, DISTINCT_WRITES
from tests.benchmarks.workloads.repeated import READS, WRITES, Workload

HOME = ROOT / "instance" / "benchmarks"
EVENTS_PER_TUTOR = 10
TABLE_WIDTH = 180
LONGEST_REASON = 300
# Nothing that a worker has stored of earlier questions helps.
HOSTILE_SETTINGS = {"LIST_CACHE_SECONDS": "0", "WORD_INDEX_MB": "0"}
# What the aims are judged by comes first, for runs that are cut off.
REPEATED_BUT_JUDGED = [each for each in READS if each.name in ("default list, cached", "304")]
JUDGED = (*REPEATED_BUT_JUDGED, *DISTINCT, *DISTINCT_READS, *DISTINCT_WRITES)
WORKLOADS = (*JUDGED, *(each for each in READS if each not in JUDGED), *WRITES)


def sizes_of(context: click.Context, parameter: click.Parameter, value: str) -> list[int]:
    try:
        return sorted({int(part) for part in value.split(",")})
    except ValueError:
        raise click.BadParameter("numbers separated by commas, as 10000,100000") from None


def settings_of(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    known = {setting.name for setting in SETTINGS}
    pairs = [value.partition("=") for value in values]
    for name, equals, _ in pairs:
        if not equals or name not in known:
            raise click.BadParameter("NAME=VALUE, of a setting that README.md lists")
    return {name: value for name, _, value in pairs}


@click.command()
@click.option(
    "--sizes",
    default="10000,100000",
    show_default=True,
    callback=sizes_of,
    help="Numbers of tutors to measure at, separated by commas.",
)
@click.option("--million", is_flag=True, help="Measure at 1,000,000 tutors too (20 GB, minutes).")
@click.option(
    "--events",
    type=click.IntRange(0),
    help=f"Events at the largest size. At each size there are {EVENTS_PER_TUTOR} per tutor.",
)
@click.option("--only", default="", help="Only workloads whose name contains this text.")
@click.option("--seconds", default=2.0, show_default=True, help="How long each round lasts.")
@click.option("--rounds", default=3, show_default=True, help="Rounds of each workload and size.")
@click.option("--connections", default=2, show_default=True, help="Clients asking at once.")
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Store the figures in this file, for programs and for --compare.",
)
@click.option(
    "--compare",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="Show a recorded run beside this one; given twice, the two beside one another at once.",
)
@click.option(
    "--mixed", is_flag=True, help="Measure each also with 20 saves of profiles a second beside it."
)
@click.option(
    "--reuse",
    is_flag=True,
    help="Use the stored rows, though the code that makes them has changed since; not the schema.",
)
@click.option(
    "--hostile",
    is_flag=True,
    help="Measure the most expensive queries instead, by SQL (WORD_INDEX_MB=0, LIST_CACHE_SECONDS=0).",
)
@click.option(
    "--setting",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    callback=settings_of,
    help="A setting of the measured workers, as WORD_INDEX_MB=0 for searches by SQL. Repeatable.",
)
@click.option(
    "--as-markdown", is_flag=True, help="Print the table as docs/performance.md has it, too."
)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    default=HOME,
    help="Where the seeded servers are stored for the next run. Default: instance/benchmarks.",
)
def main(
    sizes: list[int],
    million: bool,
    events: int | None,
    only: str,
    seconds: float,
    rounds: int,
    connections: int,
    record: Path | None,
    compare: tuple[Path, ...],
    mixed: bool,
    reuse: bool,
    hostile: bool,
    given: dict[str, str],
    as_markdown: bool,
    home: Path,
) -> None:
    """Measure the service: one gunicorn worker of four threads, over HTTP.

    Each size has an embedded PostgreSQL and Redis of its own, seeded once and stored. The client is
    wrk where it is installed. It ends by itself: at most (workloads × sizes × rounds × seconds)
    and some seconds each for counting.

    \b
    Examples:
      .venv/bin/python -m tests.benchmarks                              10k and 100k tutors
      .venv/bin/python -m tests.benchmarks --million                    and a million, 10M events
      .venv/bin/python -m tests.benchmarks --only search --seconds 5    one group, longer
      .venv/bin/python -m tests.benchmarks --record before.json         keep the figures
      .venv/bin/python -m tests.benchmarks --compare before.json        and see them beside the next
      .venv/bin/python -m tests.benchmarks --mixed --only distinct      new questions, saves beside
      .venv/bin/python -m tests.benchmarks --hostile --sizes 100000     the most expensive queries
    """
    workloads = chosen(only)
    recorded = read_records(compare)
    if len(recorded) == 2:
        print(side_by_side(*recorded))
        return
    console = Console()
    # Never narrower than the table, wherever it is printed.
    console.width = max(console.width, TABLE_WIDTH)
    numbers = sorted({*sizes, 1_000_000}) if million else sizes
    with ExitStack() as stack:
        installations = []
        for tutors in numbers:
            wanted = events if events is not None and tutors == numbers[-1] else None
            number = tutors * EVENTS_PER_TUTOR if wanted is None else wanted
            console.print(f"{tutors:,} tutors, {number:,} events …")
            try:
                installations.append(Installation(home, tutors, number, reuse=reuse))
            except (OutdatedSchema, ValueError) as error:
                raise click.ClickException(str(error)) from None
            stack.callback(installations[-1].stop)
        if hostile:
            installations[-1].start(**(HOSTILE_SETTINGS | given))
            print(hostile_markdown(measure_hostile(installations[-1])))
            return
        hello = hello_worlds(installations[0], home, stack)
        for installation in installations:
            installation.start(**given)
            loaded, slowest = installation.await_bitmaps()
            installation.seconds |= {
                "bitmaps of filters loaded": loaded,
                "slowest answer meanwhile": slowest,
            }
        beside = saves_beside(installations[-1]) if mixed else None
        effort = Effort(seconds, rounds, connections, mixed=beside)
        with TemporaryDirectory() as scratch:
            file = record or Path(scratch) / "record.json"
            recorder = Recorder(file, f"{date.today():%d %B %Y}, {machine()}")
            report(console, installations, hello, workloads, effort, as_markdown, recorder)
            for earlier in recorded:
                print(side_by_side(earlier, read_record(file)))
        if beside is not None:
            console.print(f"{beside.sent:,} saves beside the workloads, {beside.failed:,} refused")
        if recorder.failed:
            raise click.ClickException(f"not measured: {', '.join(recorder.failed)}")


def hello_worlds(installation: Installation, home: Path, stack: ExitStack) -> Hello:
    """Both of them, started; they end with the stack."""
    application, settings = "tests.benchmarks.hello:app", installation.settings
    workers = (
        Worker(application, settings, home / "hello.log"),
        Worker(application, settings, home / "hello-gthread.log", GTHREAD),
    )
    for worker in workers:
        stack.callback(worker.stop)
    return Hello(*workers)


def read_records(paths: tuple[Path, ...]) -> list[Record]:
    if len(paths) > 2:
        raise click.BadParameter("--compare takes one or two files")
    try:
        return [read_record(path) for path in paths]
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def chosen(only: str) -> list[Workload]:
    found = [workload for workload in WORKLOADS if only in workload.name]
    if not found:
        raise click.BadParameter(f"no workload's name contains {only!r}")
    return found


def report(
    console: Console,
    installations: list[Installation],
    hello: Hello,
    workloads: list[Workload],
    effort: Effort,
    as_markdown: bool,
    recorder: Recorder,
) -> None:
    recorder.installations = [state_of(installation) for installation in installations]
    recorder.write(hello.references, False)
    turns = in_turn(workloads, installations, hello, effort)
    for workload, figures in tqdm(
        turns, total=len(workloads), desc="workloads", unit="", disable=None
    ):
        if isinstance(figures, Exception):
            reason = " ".join(f"{type(figures).__name__}: {figures}".split())[:LONGEST_REASON]
            console.print(f"{workload.name}: {reason}")
            recorder.failed[workload.name] = reason
        elif figures is None:
            console.print(f"{workload.name}: nothing to ask for")
        else:
            recorder.measured += with_cold(workload, figures)
        recorder.write(hello.references, False)
    recorder.installations = [state_of(installation) for installation in installations]
    recorder.write(hello.references, True)
    show(console, hello.references, recorder.measured, recorder.title)
    tables = [verdicts(recorder.measured), states_table(recorder.installations)]
    if as_markdown:
        tables.insert(0, markdown(hello.references, recorder.measured))
    print("\n\n".join(tables))


def machine() -> str:
    gigabytes = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores, {gigabytes:.0f} GiB, {platform.system()}"


if __name__ == "__main__":
    main()
