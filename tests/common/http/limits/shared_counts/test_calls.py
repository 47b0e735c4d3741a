"""A caller's calls in one process: exact by themselves, and refused by what is known of others."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limits import RateLimitItem, parse_many

from common.http.limits.moving_window import SKEW_SECONDS, MemoryWindows
from common.http.limits.shared_counts.calls import Calls, Total

START = 1_800_000_000.0
RATES: Sequence[RateLimitItem] = sorted(parse_many("3/2 seconds;5/10 seconds"))
# Whole ones hit the edges of windows; the clock may also be set back.
WAITS = st.lists(st.sampled_from([0, 0.25, 0.5, 1, 2, 2.25, 5, 10, -60]), max_size=40)


@given(WAITS, st.lists(st.booleans(), min_size=40, max_size=40))
@settings(max_examples=200, deadline=None)
def test_one_process_counts_exactly_as_the_exact_limits_do(
    waits: list[float], exchanges: list[bool]
) -> None:
    calls, exact, now = Calls(RATES), MemoryWindows(), START
    for wait, is_exchanged in zip(waits, exchanges, strict=False):
        now += wait
        assert calls.spend(now) == exact.spend("somebody", RATES, now)
        if is_exchanged:
            # Redis holds what this process has sent, and nothing of anybody else.
            sent = calls.take_unsent(now)
            calls.learn(sent, [Total(own, now) for own in sent.own])


@given(WAITS.filter(lambda waits: -60 not in waits), st.integers(0, 2**40))
@settings(max_examples=200, deadline=None)
def test_each_accepted_call_is_handed_out_once(waits: list[float], exchanges: int) -> None:
    calls, now, accepted, sent = Calls(RATES), START, list[float](), list[float]()
    for number, wait in enumerate(waits):
        now += wait
        if not any(window.is_breached for window in calls.spend(now)):
            accepted.append(now)
        if exchanges >> number & 1:
            sent += calls.take_unsent(now).times
    # What has left all windows before it was sent is sent no more.
    left = [*sent, *calls.take_unsent(now).times]
    recent = [moment for moment in accepted if moment >= now - 10]
    assert left[len(left) - len(recent) :] == recent
    assert set(left) <= set(accepted) and len(left) <= len(accepted)


def known(calls_of_others: tuple[int, int], now: float = START) -> Calls:
    """A caller of whom Redis has just told that others have answered so many, by window."""
    calls = Calls(RATES)
    sent = calls.take_unsent(now)
    calls.learn(sent, [Total(each, now - 1) for each in calls_of_others])
    return calls


@pytest.mark.parametrize(
    ("others", "later", "is_refused"),
    [
        ((0, 0), 0.1, [False, False]),
        ((2, 4), 0.1, [False, False]),
        ((3, 4), 0.1, [True, False]),
        ((0, 5), 0.1, [False, True]),
        ((3, 9), 0.1, [True, True]),
        # All that others had answered then have left the window.
        ((3, 4), 2.1, [False, False]),
        ((3, 5), 2.1, [False, True]),
        ((3, 5), 10.1, [False, False]),
    ],
)
def test_the_calls_of_others_count_as_long_as_they_can_be_in_the_window(
    others: tuple[int, int], later: float, is_refused: list[bool]
) -> None:
    windows = known(others).spend(START + later)
    assert [window.is_breached for window in windows] == is_refused
    is_spent = not any(is_refused)
    expected = [each if later <= seconds else 0 for each, seconds in zip(others, (2, 10))]
    assert [window.calls for window in windows] == [each + is_spent for each in expected]


def test_a_refusal_says_when_the_first_known_call_leaves_its_window() -> None:
    window = known((3, 4)).spend(START + 0.5)[0]
    assert window.reset_at == START - 1 + 2
    # Its first has left meanwhile; what follows it is not known, and lies within the window.
    window = known((3, 4)).spend(START + 1.5)[0]
    assert window.reset_at == START + 1.5


@pytest.mark.parametrize(
    ("own", "others", "later", "asks"),
    [
        (0, (3, 3), 0.2, False),
        (0, (3, 3), 0.4, True),
        (1, (2, 2), 0.4, True),
        # Full by the calls of this process alone, about which nobody knows more.
        (3, (0, 0), 0.4, False),
        (3, (3, 3), 0.4, False),
    ],
)
def test_only_a_refusal_by_others_of_whom_nobody_asked_of_late_is_doubted(
    own: int, others: tuple[int, int], later: float, asks: bool
) -> None:
    calls = known((0, 0))
    for _ in range(own):
        calls.spend(START)
    sent = calls.take_unsent(START)
    totals = [Total(mine + each, START) for mine, each in zip(sent.own, others, strict=True)]
    calls.learn(sent, totals)
    windows = calls.spend(START + later)
    assert any(window.is_breached for window in windows)
    assert calls.is_refused_by_others(windows, START + later, 0.3) is asks


def test_a_redis_that_forgot_forgives_nothing_of_this_process_and_counts_nobody_else() -> None:
    calls = Calls(RATES)
    calls.spend(START)
    calls.learn(calls.take_unsent(START), [Total(0, START), Total(0, START)])
    assert [window.calls for window in calls.spend(START)] == [2, 2]


def test_what_redis_did_not_answer_is_sent_to_nobody_and_still_counts_here() -> None:
    calls = Calls(RATES)
    calls.spend(START)
    calls.learn(calls.take_unsent(START), None)
    assert list(calls.take_unsent(START).times) == []
    assert [window.calls for window in calls.spend(START)] == [2, 2]


def test_a_clock_set_back_blocks_nobody() -> None:
    calls = Calls(RATES)
    for _ in range(5):
        calls.spend(START)
    before = START - SKEW_SECONDS - 1
    assert [window.calls for window in calls.spend(before)] == [1, 1]
    assert list(calls.take_unsent(before).times) == [before]


def test_times_that_have_passed_are_dropped_before_they_are_more_than_the_others() -> None:
    calls = Calls(sorted(parse_many("1000/10 seconds")))
    for number in range(2_000):
        [window] = calls.spend(START + number / 10)
        assert window.calls == min(number + 1, 101)
        assert len(calls._times) <= 2 * window.calls
