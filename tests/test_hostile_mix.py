"""The hostile mix itself: a short run of it, in which every answer is one that is foreseen."""

import subprocess
import sys

import pytest

from common.config import ROOT


@pytest.mark.slow
def test_a_short_hostile_mix_gets_no_answer_that_is_not_foreseen():
    command = [
        sys.executable,
        "-m",
        "tests.hostile_mix",
        "--minutes",
        "0.5",
        "--slow-clients",
        "10",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong answers to the attacks: none" in done.stdout
    for kind in ("telemetry, anonymous", "expensive queries", "picture bombs", "slow clients"):
        assert f"| {kind} |" in done.stdout
