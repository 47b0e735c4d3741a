"""The circuit breaker before a replica: one caller tries again at the end of each pause."""

import pytest

from common.database.replicas import pause as module
from common.database.replicas.pause import Pause


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_everybody_is_admitted_while_nothing_fails(clock):
    pause = Pause(1, 1)
    assert all(pause.admits() for _ in range(5))


def test_nobody_is_admitted_in_the_pause_after_a_failure_and_one_at_its_end(clock):
    pause = Pause(1, 1)
    pause.failed()
    assert not pause.admits()
    clock.now += 0.99
    assert not pause.admits()
    clock.now += 0.02
    assert [pause.admits() for _ in range(3)] == [True, False, False]
    clock.now += 1
    assert [pause.admits() for _ in range(3)] == [True, False, False]


def test_a_success_admits_everybody_again(clock):
    pause = Pause(1, 1)
    pause.failed()
    clock.now += 1
    assert pause.admits()
    pause.succeeded()
    assert all(pause.admits() for _ in range(5)) and not pause.is_failing


def test_each_failure_doubles_the_pause_up_to_the_longest(clock):
    pause = Pause(1, 8)
    lengths = []
    for _ in range(6):
        pause.failed()
        began = clock.now
        while not pause.admits():
            clock.now += 0.5
        lengths.append(clock.now - began)
    assert lengths == [1, 2, 4, 8, 8, 8]
    pause.succeeded()
    pause.failed()
    clock.now += 1
    assert pause.admits()
