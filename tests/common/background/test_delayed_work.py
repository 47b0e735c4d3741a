"""Work beside requests: done once for many who ask, outliving failures, ending with its process."""

import os
import subprocess
import sys
import threading

from common.background.delayed_work import DelayedWork
from common.config import ROOT

ASK_AND_END = """
from common.background.delayed_work import DelayedWork
work = DelayedWork("test", lambda: print("done", flush=True), lambda: None, 3600)
work.ask()
"""


class Counted(DelayedWork):
    """Work that counts how often it was done, and can wait for that."""

    def __init__(self, seconds, failures=0):
        self.times, self.failures, self.forgotten = 0, failures, 0
        self._done = threading.Semaphore(0)
        super().__init__("test", self._count, self._lose, seconds)

    def _count(self):
        self.times += 1
        self._done.release()
        if self.times <= self.failures:
            raise LookupError

    def _lose(self):
        self.forgotten += 1

    def await_once(self):
        assert self._done.acquire(timeout=20)


def test_many_who_ask_have_the_work_done_once_and_a_close_does_not_wait_for_its_time():
    work = Counted(seconds=3600)
    for _ in range(50):
        work.ask()
    work.close()
    assert work.times == 1


def test_who_asks_afterwards_has_it_done_again_even_after_a_close():
    work = Counted(seconds=0.01)
    for _ in range(3):
        work.ask()
        work.await_once()
    work.close()
    work.ask()
    work.await_once()
    work.close()
    assert work.times == 4


def test_nobody_who_asked_has_no_thread():
    work = Counted(seconds=0.01)
    work.close()
    assert work.times == 0


def test_the_thread_outlives_work_that_fails():
    work = Counted(seconds=0.01, failures=2)
    for _ in range(3):
        work.ask()
        work.await_once()
    work.close()
    assert work.times == 3


def test_a_process_that_ends_does_first_what_was_asked_for():
    command = [sys.executable, "-c", ASK_AND_END]
    ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert ended.stdout == "done\n"


def test_a_forked_child_has_neither_its_parents_thread_nor_its_work():
    work = Counted(seconds=3600)
    work.ask()
    child = os.fork()
    if child == 0:
        work.close()
        is_fresh = (work.times, work.forgotten) == (0, 1)
        work.ask()
        work.close()
        os._exit(0 if is_fresh and work.times == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    work.close()
    assert (work.times, work.forgotten) == (1, 0)
