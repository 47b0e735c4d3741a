"""A folder for the servers of one test."""

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An awkward path: spaces, other letters, too long for a Unix socket."""
    return tmp_path / "Проєкт з пробілом" / ("довга" * 20) / "instance"
