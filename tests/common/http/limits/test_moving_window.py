"""Redis and a process's own memory count alike, and never let through more than a rate says."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits import parse_many
from redis import Redis

from common.http.limits.moving_window import MemoryWindows, spend_in_redis

START = 1_800_000_000.0
RATES = sorted(parse_many("3/2 seconds;5/10 seconds"))
# Waits between calls: whole ones hit the edges of windows.
WAITS = st.lists(st.sampled_from([0, 0.25, 0.5, 1, 2, 2.25, 5, 10]), max_size=30)


@pytest.fixture(scope="module")
def redis(redis_url):
    client = Redis.from_url(redis_url)
    yield client
    client.close()


def timestamp_range(waits):
    moments, now = [], START
    for wait in waits:
        now += wait
        moments.append(now)
    return moments


@given(WAITS)
@settings(max_examples=60, deadline=None)
def test_redis_and_memory_answer_every_call_alike(redis, waits):
    memory, key = MemoryWindows(), secrets.token_hex(8)
    for now in timestamp_range(waits):
        assert spend_in_redis(redis, key, RATES, now) == memory.spend(key, RATES, now)


@given(WAITS)
@settings(max_examples=100, deadline=None)
def test_no_window_ever_holds_more_calls_than_its_rate(waits):
    memory, passed = MemoryWindows(), []
    for now in timestamp_range(waits):
        windows = memory.spend("somebody", RATES, now)
        within = [
            [moment for moment in passed if moment >= now - rate.get_expiry()] for rate in RATES
        ]
        full = [len(calls) >= rate.amount for calls, rate in zip(within, RATES, strict=True)]
        assert [each.is_breached for each in windows] == full
        if not any(full):
            passed.append(now)
        for window, calls in zip(windows, within, strict=True):
            assert window.calls == len(calls) + (not any(full))
            assert window.remaining == window.rate.amount - window.calls
            assert window.reset_at == (calls or [now])[0] + window.rate.get_expiry()


def test_a_call_that_one_window_refuses_spends_nothing_of_the_others(redis):
    key = secrets.token_hex(8)
    for spend in (
        lambda now: spend_in_redis(redis, key, RATES, now),
        lambda now, memory=MemoryWindows(): memory.spend(key, RATES, now),
    ):
        answers = [spend(START) for _ in range(6)]
        assert [each.calls for each in answers[2]] == [3, 3]
        assert [each.calls for each in answers[5]] == [3, 3]
        assert [each.is_breached for each in answers[5]] == [True, False]


def test_a_redis_that_has_forgotten_the_script_gets_it_again(redis):
    key = secrets.token_hex(8)
    spend_in_redis(redis, key, RATES, START)
    redis.script_flush()
    assert spend_in_redis(redis, key, RATES, START)[0].calls == 2


def test_a_window_leaves_redis_when_it_is_over(redis):
    key = secrets.token_hex(8)
    spend_in_redis(redis, key, RATES, START)
    assert 1 <= redis.ttl(f"limit:{{{key}}}:2") <= 3
    assert 9 <= redis.ttl(f"limit:{{{key}}}:10") <= 11


def test_memory_forgets_callers_who_have_left_and_no_others():
    memory = MemoryWindows(fewest_swept=10)
    for number in range(200):
        memory.spend(f"caller {number}", RATES, START + number)
        memory.spend("faithful", RATES, START + number)
        assert len(memory._timestamps) < 60
    assert memory.spend("faithful", RATES, START + 199)[0].calls == 2


def test_memory_is_bounded_in_windows_and_the_latest_callers_are_known():
    memory = MemoryWindows(most_windows=20)
    for number in range(500):
        memory.spend(f"caller {number}", RATES, START)
        assert len(memory._timestamps) <= 20
    assert memory.spend("caller 499", RATES, START)[0].calls == 2


def test_memory_is_bounded_in_calls_however_long_the_windows():
    (rate,) = parse_many("1000/day")
    memory = MemoryWindows(most_calls=100)
    for number in range(300):
        for caller in ("one", "other"):
            memory.spend(caller, [rate], START + number)
    held = sum(map(len, memory._timestamps.values()))
    # What is forgotten begins anew; of one caller alone the limit itself is the bound.
    assert held <= 102
    assert memory._calls == held


@given(WAITS)
@settings(max_examples=60, deadline=None)
def test_the_number_of_calls_in_memory_is_that_of_the_windows(waits):
    memory = MemoryWindows(fewest_swept=3, most_windows=4, most_calls=9)
    for number, now in enumerate(timestamp_range(waits)):
        memory.spend(f"caller {number % 3}", RATES, now)
        assert memory._calls == sum(map(len, memory._timestamps.values()))
