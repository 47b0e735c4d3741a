"""A run's figures as a file that programs read, and two such files side by side."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Figures
from tests.benchmarks.report import Measured

VERSION = 1
# Columns of the comparison: name in the file, heading, and digits.
COMPARED = (
    ("milliseconds", "CPU ms", 2),
    ("database", "PG ms", 2),
    ("pages", "pages", 0),
    ("p50", "p50 ms", 2),
    ("per_second", "req/s", 0),
    ("mixed_ratio", "mixed", 2),
)


def write_record(path: Path, title: str, hello: Figures, measured: list[Measured]) -> None:
    """Store a run: `{version, title, hello, workloads: [{name, tutors, …figures}]}`."""
    rows = [
        {"name": each.workload.name, "tutors": tutors} | values_of(figures)
        for each in measured
        for tutors, figures in sorted(each.by_tutors.items())
    ]
    document = {"version": VERSION, "title": title, "hello": values_of(hello), "workloads": rows}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def values_of(figures: Figures) -> dict[str, Any]:
    """Times in milliseconds, pages of 8 kB; null where nothing was counted. What begins with
    `mixed` was measured beside saves."""
    mixed = figures.mixed
    return {
        "per_second": figures.per_second,
        "p50": figures.p50,
        "p99": figures.p99,
        "milliseconds": figures.milliseconds,
        "database": figures.database,
        "pages": figures.pages,
        "errors": figures.errors,
        "mixed_ratio": figures.mixed_ratio,
        "mixed_p50": mixed and mixed.p50,
        "mixed_p99": mixed and mixed.p99,
        "mixed_milliseconds": mixed and mixed.milliseconds,
        "mixed_errors": mixed and mixed.errors,
    }


@dataclass(frozen=True)
class Record:
    """A stored run."""

    title: str
    hello: Mapping[str, Any]
    workloads: Mapping[tuple[str, int], Mapping[str, Any]]


def read_record(path: Path) -> Record:
    """Raises ValueError for a file that no run has written."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise ValueError(f"{path} is of another version of the benchmark")
        rows = {(row["name"], row["tutors"]): row for row in document["workloads"]}
        return Record(document["title"], document["hello"], rows)
    except (KeyError, TypeError, json.JSONDecodeError):
        raise ValueError(f"{path} is no record of the benchmark") from None


def compare(before: Record, after: Record) -> str:
    """Both runs' figures and their ratio, in Markdown; what only one of them has is left out."""
    headings = ["workload", "tutors"]
    for _, heading, _ in COMPARED:
        headings += [f"{heading} before", "after", "×"]
    lines = [
        f"Before: {before.title}. After: {after.title}.",
        "",
        f"| {' | '.join(headings)} |",
        f"| --- |{' ---: |' * (len(headings) - 1)}",
        _row("hello-world", "", before.hello, after.hello),
    ]
    for key, old in before.workloads.items():
        if key in after.workloads:
            lines.append(_row(key[0], f"{key[1]:,}", old, after.workloads[key]))
    return "\n".join(lines)


def _row(name: str, tutors: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    cells = [name, tutors]
    for key, _, digits in COMPARED:
        # Of a run before the figure was measured there is none.
        one, other = old.get(key), new.get(key)
        cells += ["" if value is None else f"{value:.{digits}f}" for value in (one, other)]
        cells.append(f"{other / one:.2f}" if one and other is not None else "")
    return f"| {' | '.join(cells)} |"
