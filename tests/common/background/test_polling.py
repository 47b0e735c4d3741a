"""A thread that repeats a step: when woken, after its pauses, and later and later while it fails."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.background.polling import PollingThread, backoff


class Steps(PollingThread):
    """Succeeds or fails as it is told; without a pause it waits until it is woken."""

    def __init__(self, outcomes=(), pause=None, pause_after_failure=0.01):
        self.outcomes, self.failures = list(outcomes), []
        self.pause, self.pause_after_failure = pause, pause_after_failure
        self._done = threading.Semaphore(0)
        super().__init__("steps")

    def _run(self):
        self._repeat(self._step, self._pause)

    def _step(self):
        return self.outcomes.pop(0) if self.outcomes else True

    def _pause(self, failures):
        self.failures.append(failures)
        self._done.release()
        return self.pause_after_failure if failures else self.pause

    def await_steps(self, number):
        for _ in range(number):
            assert self._done.acquire(timeout=20)


def test_it_takes_a_step_when_it_starts_and_whenever_it_is_woken():
    thread = Steps()
    thread.start()
    for _ in range(3):
        thread.await_steps(1)
        thread.wake()
    thread.await_steps(1)
    thread.close()
    assert thread.failures == [0] * 4


def test_what_wakes_nothing_starts_nothing():
    thread = Steps()
    thread.wake()
    thread.close()
    assert (thread.failures, thread.is_running) == ([], False)


def test_nobody_has_to_wake_one_that_polls():
    thread = Steps(pause=0.01)
    thread.start()
    thread.await_steps(3)
    thread.close()


def test_failures_are_counted_until_a_step_succeeds():
    thread = Steps([False, False, True, False, True])
    thread.start()
    thread.await_steps(3)
    thread.wake()
    thread.await_steps(2)
    thread.close()
    assert thread.failures == [1, 2, 0, 1, 0]


def test_who_wakes_it_does_not_shorten_the_pause_after_a_failure_but_an_end_does():
    thread = Steps([False], pause_after_failure=3600)
    thread.start()
    thread.await_steps(1)
    thread.wake()
    thread.close()
    assert (thread.failures, thread.is_running) == ([1], False)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 5), (1, 10), (2, 20), (3, 40), (4, 60), (5, 60), (10**9, 60)]
)
def test_each_failure_doubles_the_pause_up_to_the_longest(failures, seconds):
    assert backoff(failures, 5.0, 60.0) == seconds


@given(st.integers(0, 10**12), st.floats(0.001, 10), st.floats(0.001, 1000))
def test_a_pause_is_never_longer_than_the_longest_nor_shorter_after_more_failures(
    failures, shortest, longest
):
    assert backoff(failures, shortest, longest) <= longest
    assert backoff(failures, shortest, longest) <= backoff(failures + 1, shortest, longest)
