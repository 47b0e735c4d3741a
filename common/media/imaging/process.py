"""Decodes a picture in a short-lived child process, whose failures do not reach the service."""

import subprocess
import sys
from threading import BoundedSemaphore

from common.config import ROOT
from common.media.imaging.child import BAD, CPU_SECONDS, DONE, UNSUPPORTED
from common.media.imaging.rules import BadPicture, UnsupportedPicture
from common.translation import Message, lazy_gettext

# Of one process of the service. Each takes a core and up to 200 MB.
MOST_AT_ONCE = 2
# Who wait for a place, each with a thread; further ones are refused at once.
MOST_WAITING = 1
LONGEST_WAIT_SECONDS = 1
# By the clock, where the machine is so busy that the child hardly gets its processor time.
LONGEST_RUN_SECONDS = 3 * CPU_SECONDS
COMMAND = [sys.executable, "-E", "-s", "-m", "common.media.imaging.child"]
TOO_DEMANDING = lazy_gettext("Takes too much memory or time to decode; please save it smaller.")

_places = BoundedSemaphore(MOST_AT_ONCE)
_admitted = BoundedSemaphore(MOST_AT_ONCE + MOST_WAITING)


class Busy(Exception):
    """No picture can be decoded just now."""


def render_apart(data: bytes) -> bytes:
    """As `square.render`, in a process of its own. Raises Busy too: after a second, or at once where
    another waits already."""
    if not _admitted.acquire(blocking=False):
        raise Busy
    try:
        done = _run_in_turn(data)
    finally:
        _admitted.release()
    outcome, content = done.stdout[:1], done.stdout[1:]
    if outcome == DONE:
        return content
    if outcome == UNSUPPORTED:
        raise UnsupportedPicture
    raise BadPicture(Message.from_json(content) if outcome == BAD else TOO_DEMANDING)


def _run_in_turn(data: bytes) -> "subprocess.CompletedProcess[bytes]":
    """What became of the child, once there was a place for it. Raises Busy."""
    if not _places.acquire(timeout=LONGEST_WAIT_SECONDS):
        raise Busy
    try:
        return subprocess.run(
            COMMAND,
            cwd=ROOT,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_RUN_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        raise Busy from None
    finally:
        _places.release()
