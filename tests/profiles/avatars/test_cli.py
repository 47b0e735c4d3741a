"""`flask clean-media`."""

import os
import time
from pathlib import Path

from tests.common.media.folder import media_path
from tests.factories import make_tutor


def run(app, *arguments: str) -> str:
    """The output of a command that succeeds."""
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    return result.output


def stored_file(name: str, *, hours_ago: float) -> Path:
    path = media_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    timestamp = time.time() - hours_ago * 3600
    os.utime(path, (timestamp, timestamp))
    return path


def test_files_that_no_account_names_are_removed(app):
    orphan = stored_file("avatars/orphan.webp", hours_ago=2)
    half = stored_file("avatars/half.part", hours_ago=2)
    fresh = stored_file("avatars/fresh.webp", hours_ago=0)
    used = stored_file("avatars/used.webp", hours_ago=2)
    make_tutor(avatar_name="avatars/used.webp")
    assert "2 files would be removed." in run(app, "clean-media", "--dry-run")
    assert orphan.exists()
    assert "2 files were removed." in run(app, "clean-media")
    assert not orphan.exists()
    assert not half.exists()
    assert fresh.exists()
    assert used.exists()
    fresh.unlink()
    used.unlink()
