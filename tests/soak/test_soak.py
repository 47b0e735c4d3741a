"""The soak itself: a few seconds of it, with nothing failing."""

import subprocess
import sys

import pytest

from common.config import ROOT


@pytest.mark.slow
def test_a_few_seconds_of_soaking_meet_no_error():
    command = [sys.executable, "-m", "tests.soak", "--minutes", "0.15", "--rate", "30"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "errors: none" in done.stdout
    for kind in ("browse", "search", "detail", "telemetry", "writes"):
        assert f"| {kind} |" in done.stdout
