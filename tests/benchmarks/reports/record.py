"""A run's figures as a file that programs read, and two such files side by side."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring.figures import Figures
from tests.benchmarks.reports.report import Measured

VERSION = 2
HELLO = "hello-world"
# Columns of the comparison: name in the file, heading, and digits.
COMPARED = (
    ("milliseconds", "CPU ms", 2),
    ("times_hello", "× hello", 2),
    ("first_milliseconds", "first 200", 2),
    ("database", "PG ms", 2),
    ("pages", "pages", 0),
    ("p50", "p50 ms", 2),
    ("per_second", "req/s", 0),
    ("growth", "growth", 2),
    ("mixed_ratio", "mixed", 2),
)


@dataclass
class Recorder:
    """Stores a run as it goes along, so that one that is cut off leaves what it has.

    `{version, title, is_complete, hello, references: {name: figures}, installations: [state],
    failed: {workload: reason}, workloads: [{name, tutors, …figures, aims: [{figure, value, aim,
    is_met}]}]}`
    """

    path: Path
    title: str
    installations: list[Mapping[str, Any]] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def write(self, references: Mapping[str, Figures], is_complete: bool) -> None:
        """Replace the file by what is known now."""
        measured = {name: values_of(figures) for name, figures in references.items()}
        document = {
            "version": VERSION,
            "title": self.title,
            "is_complete": is_complete,
            "hello": measured.get(HELLO, {}),
            "references": measured,
            "installations": self.installations,
            "failed": self.failed,
            "workloads": [row for each in self.measured for row in rows_of(each)],
        }
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.path)


def rows_of(measured: Measured) -> Iterator[dict[str, Any]]:
    for tutors, figures in sorted(measured.by_tutors.items()):
        row = {"name": measured.workload.name, "tutors": tutors} | values_of(figures)
        if tutors == measured.largest:
            judged = measured.judgements()
            row["growth"] = measured.growth
            row["aims"] = [
                {"figure": one.figure, "value": one.value, "aim": one.aim, "is_met": one.is_met}
                for one in judged
            ]
        yield row


def values_of(figures: Figures) -> dict[str, Any]:
    """Times in milliseconds, pages of 8 kB; null where nothing was counted. What begins with
    `mixed` was measured beside saves."""
    mixed = figures.mixed
    return {
        "per_second": figures.per_second,
        "p50": figures.p50,
        "p99": figures.p99,
        "milliseconds": figures.milliseconds,
        "times_hello": figures.times_hello,
        "times_gthread": figures.times_gthread,
        "first_milliseconds": figures.first,
        "repeated": figures.repeated,
        "database": figures.database,
        "pages": figures.pages,
        "pages_log": figures.pages_log,
        "share_by_bitmaps": figures.share_by_bitmaps,
        "errors": figures.errors,
        "mixed_ratio": figures.mixed_ratio,
        "mixed_p50": mixed and mixed.p50,
        "mixed_p99": mixed and mixed.p99,
        "mixed_milliseconds": mixed and mixed.milliseconds,
        "mixed_share_by_bitmaps": mixed and mixed.share_by_bitmaps,
        "mixed_errors": mixed and mixed.errors,
    }


@dataclass(frozen=True)
class Record:
    """A stored run."""

    title: str
    # Of both hello-worlds, by name.
    references: Mapping[str, Mapping[str, Any]]
    workloads: Mapping[tuple[str, int], Mapping[str, Any]]


def read_record(path: Path) -> Record:
    """Raises ValueError for a file that no run has written."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise ValueError(f"{path} is of another version of the benchmark")
        rows = {(row["name"], row["tutors"]): row for row in document["workloads"]}
        # Runs of old had one hello-world.
        references = document.get("references") or {HELLO: document["hello"]}
        return Record(document["title"], references, rows)
    except (KeyError, TypeError, json.JSONDecodeError):
        raise ValueError(f"{path} is no record of the benchmark") from None


def compare(before: Record, after: Record) -> str:
    """Both runs' figures and their ratio, in Markdown; what only one of them has is left out."""
    headings = ["workload", "tutors"]
    for _, heading, _ in COMPARED:
        headings += [f"{heading} before", "after", "×"]
    headings += ["aims before", "after"]
    lines = [
        f"Before: {before.title}. After: {after.title}.",
        "",
        f"| {' | '.join(headings)} |",
        f"| --- |{' ---: |' * (len(headings) - 1)}",
    ]
    for name, old in before.references.items():
        if name in after.references:
            lines.append(_row(name, "", old, after.references[name]))
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
    cells += [_verdict(old), _verdict(new)]
    return f"| {' | '.join(cells)} |"


def _verdict(row: Mapping[str, Any]) -> str:
    """Whether all aims are met, or which are not; nothing where there are none."""
    aims = row.get("aims")
    missed = [each["figure"] for each in aims or [] if not each["is_met"]]
    return f"missed: {', '.join(missed)}" if missed else "met" if aims else ""
