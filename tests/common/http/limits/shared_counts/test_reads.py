"""Several processes on one Redis: what is refused where, what each remembers, and when it ends."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits import parse_many
from redis import Redis

from common.http.limits.moving_window import window_key
from common.http.limits.shared_counts import reads
from common.http.limits.shared_counts.calls import Calls
from common.http.limits.shared_counts.reads import ReadCounter
from common.redis import exchange
from common.redis.client import FallbackRedis

RATES = sorted(parse_many("8/minute;20/hour"))
LIMIT = 8


@pytest.fixture(autouse=True)
def _only_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests say when processes exchange their counts, not the interval."""
    monkeypatch.setattr(exchange, "INTERVAL_SECONDS", 3600)


@pytest.fixture
def start(redis_url: str) -> Iterator[Callable[..., ReadCounter]]:
    """Starts what stands for a further process."""
    started: list[ReadCounter] = []

    def start_one(url: str | None = redis_url, **options: int) -> ReadCounter:
        started.append(ReadCounter(FallbackRedis(url, 5), **options))
        return started[-1]

    yield start_one
    for each in started:
        each.close()


def caller() -> str:
    return f"READS:{secrets.token_hex(8)}"


def accepts(process: ReadCounter, name: str) -> bool:
    return not any(window.is_breached for window in process.spend(name, RATES))


def accepted(process: ReadCounter, name: str, times: int) -> int:
    return sum(accepts(process, name) for _ in range(times))


def test_one_process_is_exact_whenever_it_asks_redis(start) -> None:
    process, name = start(), caller()
    found = []
    for _ in range(12):
        found.append(accepts(process, name))
        process.exchange.exchange()
    assert found == [True] * LIMIT + [False] * 4


def test_who_was_refused_by_one_process_is_refused_by_another_after_one_exchange(start) -> None:
    one, other, name = start(), start(), caller()
    assert accepted(one, name, 20) == LIMIT
    one.exchange.exchange()
    # Nothing is known here yet: that one is accepted, and asks.
    assert accepts(other, name)
    other.exchange.exchange()
    assert accepted(other, name, 20) == 0


def test_calls_of_both_add_up_after_an_exchange_in_every_window(start) -> None:
    one, other, name = start(), start(), caller()
    assert accepted(one, name, 3) == accepted(other, name, 3) == 3
    for each in (one, other):
        each.exchange.exchange()
    # This one asked before the other had told, so it learns with its next call.
    assert [window.calls for window in one.spend(name, RATES)] == [4, 4]
    one.exchange.exchange()
    assert [window.calls for window in one.spend(name, RATES)] == [8, 8]
    assert [window.is_breached for window in one.spend(name, RATES)] == [True, False]


# Which process is called next, and whether all exchange their counts then.
STEPS = st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=40)


@given(STEPS)
@settings(max_examples=30, deadline=None)
def test_each_process_lets_through_what_was_left_when_it_learned_of_the_others(
    redis_url, steps
) -> None:
    with ExitStack() as stack:
        processes = [ReadCounter(FallbackRedis(redis_url, 5)) for _ in range(3)]
        for each in processes:
            stack.callback(each.close)
        name, known, untold = caller(), 0, [0, 0, 0]
        for each in processes:
            each.exchange.add(name, Calls(RATES))
        for at, is_exchanged in steps:
            untold[at] += accepts(processes[at], name)
            assert known + untold[at] <= max(LIMIT, known)
            if is_exchanged:
                # Twice: so all have told before they learn.
                for each in (*processes, *processes):
                    each.exchange.have_exchanged(name)
                    each.exchange.exchange()
                known, untold = known + sum(untold), [0, 0, 0]
                assert accepts(processes[at], name) is (known < LIMIT)
                untold[at] = int(known < LIMIT)


def test_a_refusal_by_others_whom_nobody_asked_about_of_late_asks_first(
    start, redis_url, monkeypatch
) -> None:
    one, other, name = start(), start(), caller()
    accepted(one, name, LIMIT)
    one.exchange.exchange()
    accepts(other, name)
    other.exchange.exchange()
    assert not accepts(other, name)
    # As if the calls had left the window: Redis knows, and this process does not.
    with Redis.from_url(redis_url) as redis:
        redis.delete(*(window_key(name, rate) for rate in RATES))
    assert not accepts(other, name)
    monkeypatch.setattr(reads, "STALE_SECONDS", 0)
    assert accepts(other, name)


def test_without_redis_a_process_counts_by_itself(start) -> None:
    for url in (None, "redis://127.0.0.1:1/0"):
        process, name = start(url), caller()
        found = accepted(process, name, 5)
        process.exchange.exchange()
        assert found + accepted(process, name, 20) == LIMIT


def test_callers_beyond_the_most_are_forgotten_here_and_known_to_redis(start) -> None:
    process, name = start(most_callers=50), caller()
    accepted(process, name, LIMIT)
    process.exchange.exchange()
    for _ in range(200):
        assert accepts(process, caller())
    assert len(process.exchange._counts) == 50
    process.exchange.exchange()
    # Forgotten: one is accepted, and what others know is learned again.
    assert accepts(process, name)
    process.exchange.exchange()
    assert not accepts(process, name)


def test_the_calls_of_more_callers_than_one_script_takes_are_all_told(start) -> None:
    one, other = start(), start()
    names = [caller() for _ in range(450)]
    for name in names:
        accepted(one, name, 3)
    one.exchange.exchange()
    for name in names:
        accepts(other, name)
    other.exchange.exchange()
    assert {other.spend(name, RATES)[0].calls for name in names} == {5}


def test_a_process_that_closes_tells_what_it_has_counted(start) -> None:
    one, other, name = start(), start(), caller()
    accepted(one, name, LIMIT)
    one.close()
    accepts(other, name)
    other.exchange.exchange()
    assert not accepts(other, name)


def test_a_forked_child_tells_nothing_of_what_its_parent_counted(start) -> None:
    process, name = start(), caller()
    accepted(process, name, LIMIT)
    child = os.fork()
    if child == 0:
        is_fresh = not process.exchange._counts and not process.exchange._due
        process.close()
        os._exit(0 if is_fresh and accepts(process, name) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    process.exchange.exchange()
    assert [window.calls for window in process.spend(name, RATES)] == [LIMIT, LIMIT]


def test_the_windows_of_a_setting_that_has_changed_begin_anew(start) -> None:
    process, name = start(), caller()
    accepted(process, name, LIMIT)
    assert not any(each.is_breached for each in process.spend(name, sorted(parse_many("9/second"))))
