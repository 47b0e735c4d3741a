"""Decoding in a child process: bounded in memory and time, and a few at once."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import psutil
import pytest
from PIL import Image

from common.config import ROOT
from common.media.imaging import process
from common.media.imaging.child import NICENESS
from common.media.imaging.process import COMMAND, MOST_AT_ONCE, Busy, render_apart
from common.media.imaging.rules import BadPicture, UnsupportedPicture
from common.media.imaging.square import render
from tests.profiles.avatars.pictures import halves, picture

# A process whose only child is the decoder, so that the largest of its children is the decoder.
MEASURE = """
import resource, sys
from common.media.imaging.process import render_apart
data = sys.stdin.buffer.read()
try:
    render_apart(data)
except Exception as error:
    print(type(error).__name__, end=" ")
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def megabytes_of(data):
    """How much memory the child held at most, in MiB; what it refuses is named before."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=ROOT, input=data, capture_output=True, check=True
    )
    *refusal, kilobytes = done.stdout.decode().split()
    return int(kilobytes) / 1024, refusal


@pytest.fixture(scope="module")
def resting():
    return megabytes_of(picture())[0]


LARGE = {
    "PNG, 40 megapixels": lambda: picture((8000, 5000), compress_level=1),
    "PNG with transparency": lambda: picture((8000, 5000), "RGBA", compress_level=1),
    "JPEG, 40 megapixels": lambda: picture((8000, 5000), kind="JPEG"),
    "JPEG in CMYK": lambda: picture((8000, 5000), "CMYK", "JPEG"),
    "progressive JPEG": lambda: picture((8000, 5000), kind="JPEG", progressive=True),
    "WebP, 40 megapixels": lambda: picture((8000, 5000), kind="WEBP", method=0),
    "lossless WebP": lambda: picture((8000, 5000), kind="WEBP", lossless=True, method=0),
    "sixteen bits": lambda: picture((8000, 5000), "I;16", compress_level=1),
}


@pytest.mark.parametrize("make", LARGE.values(), ids=LARGE)
def test_the_largest_pictures_take_at_most_200_megabytes(make, resting):
    megabytes, refusal = megabytes_of(make())
    assert refusal == []
    assert megabytes - resting <= 200


def test_the_child_makes_what_this_process_would():
    data = halves("JPEG", 6)
    assert render_apart(data) == render(data)
    assert Image.open(BytesIO(render_apart(data))).format == "WEBP"


def test_refusals_come_back_with_their_reasons():
    with pytest.raises(UnsupportedPicture):
        render_apart(b"I am no picture")
    with pytest.raises(BadPicture, match="20 times"):
        render_apart(picture((100, 1)))


def test_a_child_that_dies_is_a_refusal(monkeypatch):
    monkeypatch.setattr(process, "COMMAND", [sys.executable, "-c", "import os; os.abort()"])
    with pytest.raises(BadPicture, match="memory or time"):
        render_apart(picture())


def test_beyond_a_few_at_once_a_picture_is_refused_soon(monkeypatch):
    monkeypatch.setattr(process, "LONGEST_WAIT_SECONDS", 0.05)
    slow = "import sys, time; sys.stdin.buffer.read(); time.sleep(1); print('+', end='')"
    monkeypatch.setattr(process, "COMMAND", [sys.executable, "-c", slow])
    start = threading.Barrier(6)

    def upload(_):
        start.wait()
        try:
            return render_apart(b"x")
        except Busy:
            return None

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(upload, range(6)))
    assert answers.count(b"") == MOST_AT_ONCE
    assert answers.count(None) == 6 - MOST_AT_ONCE


def test_a_child_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(process, "LONGEST_RUN_SECONDS", 0.2)
    monkeypatch.setattr(process, "COMMAND", [sys.executable, "-c", "import time; time.sleep(60)"])
    with pytest.raises(Busy):
        render_apart(b"x")


def test_a_picture_is_decoded_at_a_lower_priority():
    child = subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        # It sets its priority before it reads, and its picture comes later. 19 is the lowest.
        while psutil.Process(child.pid).nice() != min(19, psutil.Process().nice() + NICENESS):
            assert child.poll() is None
            time.sleep(0.01)
    finally:
        child.communicate(halves("PNG"))
