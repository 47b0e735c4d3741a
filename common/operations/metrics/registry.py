"""Prometheus metrics, summed over all workers of one gunicorn.

Workers share their counts through files in a private directory that is named after the
gunicorn they belong to; the library must hear of it before it is first imported.
"""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

# What the library begins each of its mapped files with, and doubles when it is full.
FILE_BYTES = 65_536
FILES = ("counter", "gauge_livesum", "gauge_livemostrecent", "histogram")
# More than one more series of the histogram ever takes.
SERIES_BYTES = 16_384


def _share_between_workers() -> None:
    """Choose the shared directory, unless the operator did or there is only one process."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        with suppress(OSError):
            _reserve(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
        return
    if "gunicorn" not in os.environ.get("SERVER_SOFTWARE", ""):
        return
    parent = Path(tempfile.gettempdir()) / f"tutor-marketplace-{os.getuid()}"
    folder = parent / f"metrics-{os.getppid()}-{_started_at(os.getppid())}"
    try:
        parent.mkdir(mode=0o700, exist_ok=True)
        if parent.is_symlink() or parent.stat().st_uid != os.getuid():
            return
        folder.mkdir(mode=0o700, exist_ok=True)
        _remove_dead_folders(parent)
        _reserve(folder)
    except OSError:
        return
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _remove_dead_folders(parent: Path) -> None:
    """Remove the folders of gunicorns that are gone."""
    for folder in parent.glob("metrics-*-*"):
        _, pid, started_at = folder.name.split("-", 2)
        if pid.isdigit() and _started_at(int(pid)) != started_at:
            shutil.rmtree(folder, ignore_errors=True)


def _reserve(folder: Path) -> None:
    """Allocate this process's files, with room for one more series, before they are mapped.

    The library leaves holes in them, and a hole that a full disk cannot fill kills the process.
    Raises OSError when there is no room.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    for kind in FILES:
        with (folder / f"{kind}_{os.getpid()}.db").open("a+b") as file:
            file.seek(0)
            used = int.from_bytes(file.read(4), sys.byteorder)
            size = FILE_BYTES
            while size < used + SERIES_BYTES:
                size *= 2
            os.posix_fallocate(file.fileno(), 0, size)


def _started_at(pid: int) -> str:
    """The start time of a process, which distinguishes it from an earlier one of that number.

    0 where the process is gone, or the system has no /proc.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "0"


def reserve_series() -> None:
    """Have room for one more series of each kind in this process's shared files.

    Raises OSError where there is none.
    """
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        _reserve(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))


_share_between_workers()

from prometheus_client import (  # noqa: E402  # the directory above must be set first
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily  # noqa: E402  # likewise
from prometheus_client.multiprocess import (  # noqa: E402  # likewise
    MultiProcessCollector,
    mark_process_dead,
)


def exposition() -> tuple[bytes, str]:
    """All metrics in Prometheus' text format, and its content type."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        _remove_dead_workers(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST


def _remove_dead_workers(folder: Path) -> None:
    """Drop the live gauges of killed workers; their counters stay."""
    for file in folder.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)
        except PermissionError:
            # The number belongs to another user's process: leave its file.
            continue


__all__ = [
    "CollectorRegistry",
    "Counter",
    "Gauge",
    "GaugeMetricFamily",
    "Histogram",
    "exposition",
    "generate_latest",
    "reserve_series",
]
