"""What an installation takes beside its answers: to be seeded, to load its bitmaps, on disk, in memory."""

from collections.abc import Mapping
from typing import Any

from tests.benchmarks.reports.report import markdown_table
from tests.benchmarks.servers.installation import Installation


def state_of(installation: Installation) -> dict[str, Any]:
    """Seconds, megabytes and numbers, by name; what was not done in this run is left out."""
    worker = installation.worker
    assert worker is not None
    return {
        "tutors": installation.tutors,
        "events": installation.events,
        "seconds": installation.seconds
        | {"start of the worker to its first answer": worker.seconds_to_answer},
        "disk_megabytes": installation.disk_megabytes(),
        "worker_megabytes": worker.resident_megabytes(),
        "memory_megabytes": installation.megabytes
        | {"bitmaps of words at the end": worker.gauge("word_index_bytes") / 1e6},
    }


def states_table(states: list[Mapping[str, Any]]) -> str:
    """The states side by side, in Markdown."""
    made: dict[str, list[str]] = {}
    for place, state in enumerate(states):
        figures = {f"{name}, s": value for name, value in state["seconds"].items()}
        figures |= {f"disk: {name}, MB": size for name, size in state["disk_megabytes"].items()}
        for name, size in state["memory_megabytes"].items():
            figures[f"memory of the worker: {name}, MB"] = size
        figures["memory of the worker: all at the end, MB"] = state["worker_megabytes"]
        for name, value in figures.items():
            made.setdefault(name, [""] * len(states))[place] = f"{value:,.1f}"
    headings = ("", *(f"{each['tutors']:,} tutors" for each in states))
    return markdown_table(headings, [[name, *cells] for name, cells in made.items()])
