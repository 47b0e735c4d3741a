"""The last release's own code, taken from the history of this repository."""

import io
import json
import os
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple

import pytest

from common.config import ROOT

# CI sets it: there, a history that lacks the release is a failure.
REQUIRED_VARIABLE = "TEST_RELEASE_REQUIRED"


class Release(NamedTuple):
    """What release.json says: the version, the newest migration, and git's name of its files.

    A tree and not a commit, as it names the files alone, however the history is stored.
    """

    version: str
    schema: str
    tree: str


LAST_RELEASE = Release(**json.loads(Path(__file__).with_name("release.json").read_text()))


def check_out(folder: Path) -> None:
    """Write the files of the last release into the folder. Skips the test where there are none."""
    # The repository may belong to another account than the tests run as.
    command = ["git", "-c", "safe.directory=*", "archive", "--format=tar", LAST_RELEASE.tree]
    try:
        archived = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", b"").decode().strip() or str(error)
        message = f"no history that has release {LAST_RELEASE.version}: {reason}"
        if os.environ.get(REQUIRED_VARIABLE):
            pytest.fail(message)
        pytest.skip(message)
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as files:
        files.extractall(folder, filter="data")
