"""A log that cannot be written: what is logged goes on all the same."""

import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest
import structlog

from common.operations.logging import configure, write_line

LEVELS = ["debug", "info", "warning", "error", "critical"]


@pytest.fixture
def full_stdout(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A standard output on a disk without room."""
    full = open("/dev/full", "w", buffering=1)
    monkeypatch.setattr(sys, "stdout", full)
    configure("DEBUG")
    yield
    monkeypatch.undo()
    configure("WARNING")
    with suppress(OSError):
        full.close()


@pytest.mark.parametrize("level", LEVELS)
def test_a_line_without_room_is_lost_and_raises_nothing(full_stdout: None, level: str) -> None:
    getattr(structlog.get_logger(), level)("something happened")
    write_line(level, "something happened")


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_is_written(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure("DEBUG")
    getattr(structlog.get_logger(), level)("something happened")
    write_line(level, "something happened")
    configure("WARNING")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(f'"level":"{level}"' in line for line in lines)
