"""The life of a background thread: one at a time, started when needed, ended together with all others."""

import os
import threading

import pytest

from common.background.thread import BackgroundThread, close_all
from tests.waiting import eventually


class Waiting(BackgroundThread):
    """Waits for its end; a stubborn one also until it is let go."""

    def __init__(self, is_stubborn=False):
        self.runs, self.let_go = 0, threading.Event()
        if not is_stubborn:
            self.let_go.set()
        super().__init__("waiting")

    def _run(self):
        self.runs += 1
        with self._changed:
            self._changed.wait_for(lambda: self._is_ending)
        self.let_go.wait()


class Failing(BackgroundThread):
    def _run(self):
        raise LookupError


def test_nothing_runs_before_it_is_started():
    thread = Waiting()
    assert not thread.is_running
    thread.close()
    assert thread.runs == 0


def test_of_many_who_start_it_one_thread_comes():
    thread = Waiting()
    before = threading.active_count()
    callers = [threading.Thread(target=thread.start) for _ in range(16)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert threading.active_count() == before + 1
    thread.close()
    assert (thread.runs, thread.is_running) == (1, False)


def test_a_closed_one_starts_again_and_a_close_without_a_thread_leaves_nothing_behind():
    thread = Waiting()
    for number in range(3):
        thread.close()
        thread.start()
        eventually(lambda: thread.runs == number + 1)
        assert thread.is_running
    thread.close()
    assert not thread.is_running


def test_one_that_takes_too_long_is_the_only_one_until_it_has_ended(monkeypatch):
    monkeypatch.setattr("common.background.thread.GRACE_SECONDS", 0)
    thread = Waiting(is_stubborn=True)
    thread.start()
    thread.close(0.01)
    thread.start()
    assert (thread.runs, thread.is_running) == (1, True)
    thread.let_go.set()
    eventually(lambda: not thread.is_running)
    thread.start()
    eventually(lambda: thread.runs == 2)
    thread.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_one_that_fails_may_be_started_again():
    thread = Failing("failing")
    for _ in range(2):
        thread.start()
        eventually(lambda: not thread.is_running)


def test_all_threads_of_a_process_are_asked_to_end_before_any_is_waited_for():
    """Each ends only when another one does: one after the other they would use up all their time."""
    all_ending = threading.Barrier(4)

    class Together(Waiting):
        def _run(self):
            super()._run()
            all_ending.wait(20)

    threads = [Together() for _ in range(4)]
    for each in threads:
        each.start()
    close_all(20)
    assert [each.is_running for each in threads] == [False] * 4
    assert not all_ending.broken


def test_a_forked_child_has_a_thread_of_its_own_even_if_a_lock_was_held():
    thread = Waiting()
    thread.start()
    with thread._changed:
        child = os.fork()
        if child == 0:
            was_running = thread.is_running
            thread.start()
            thread.close()
            os._exit(1 if was_running or thread.is_running else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert thread.is_running
    thread.close()
