"""The hostile mix itself: a short run of it, in which every answer is one that is foreseen."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import requests

from common.config import ROOT
from tests.factories import as_user, auth_header, make_tutor
from tests.hostile_mix.attacks import CONDITIONS, EXPECTED, LIST, PROFILE
from tests.hostile_mix.raw_clients import LARGE_ANSWERS, read_slowly, send_chunks


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
    for kind in ("telemetry, anonymous", "expensive queries", "picture bombs", *EXPECTED):
        assert f"| {kind} |" in done.stdout


@pytest.mark.parametrize("condition", CONDITIONS, ids=range(len(CONDITIONS)))
def test_conditions_of_thousands_of_commas_are_answered_as_designed(client, condition):
    tutor = make_tutor()
    card = client.get(f"{LIST}{tutor.id}/", headers={"If-None-Match": condition})
    assert str(card.status_code) in EXPECTED["conditions of reads"]
    saved = as_user(client, tutor).patch(
        PROFILE, json={"tutor_profile": {"headline": "New"}}, headers={"If-Match": condition}
    )
    assert str(saved.status_code) in EXPECTED["conditions of writes"]


def test_a_flood_of_chunks_and_slow_readers_are_answered_as_designed(client, serve):
    tutor = make_tutor()
    headers = auth_header(tutor)
    url = serve(workers=1).url
    assert {send_chunks(url, "127.0.4.1")} <= EXPECTED["chunk floods"]
    for path in LARGE_ANSWERS:
        read = partial(read_slowly, url, "127.0.3.1", path, headers)
        # Others are answered while one reads, and an answer begins at once.
        with ThreadPoolExecutor(1) as threads:
            is_read = threading.Event()
            reading = threads.submit(read, is_over=lambda _: is_read.wait(0))
            assert requests.get(url + LIST, timeout=30).status_code == 200
            is_read.set()
            assert reading.result() == "200"
