"""Requests of those who have used the threads least go first; who uses much pauses for others."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.server.threads.fair_queue import (
    ALLOWANCE_SECONDS,
    CONTENDED_SECONDS,
    HALF_LIFE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    MOST_CLIENTS,
    NEGLIGIBLE_SECONDS,
    SHARE,
    TURNS,
    FairQueue,
)

CLIENTS = st.sampled_from("abcd")


def drain(queue):
    """All that waits, each place given back at once and unused; nobody pauses."""
    taken = []
    while (item := queue.take(math.inf)) is not None:
        taken.append(item)
        queue.free(item[0], 0.0, 0.0)
    return taken


def use(queue, client, seconds, now):
    """Have a client hold a place for so long."""
    queue.add(client, "before")
    assert queue.take(math.inf) == "before"
    queue.free(client, seconds, now)


def test_who_has_used_less_goes_first():
    queue = FairQueue(1)
    use(queue, "flood", 3.0, 10.0)
    use(queue, "visitor", 0.1, 10.0)
    for item in [("flood", 1), ("flood", 2), ("visitor", 1), ("newcomer", 1)]:
        queue.add(item[0], item)
    assert drain(queue) == [("newcomer", 1), ("visitor", 1), ("flood", 1), ("flood", 2)]


def test_equals_take_turns_in_the_order_of_their_arrival():
    queue = FairQueue(1)
    for item in [("a", 1), ("b", 1), ("a", 2)]:
        queue.add(item[0], item)
    first = queue.take(math.inf)
    queue.free("a", 0.5, 1.0)
    assert [first, *drain(queue)] == [("a", 1), ("b", 1), ("a", 2)]


def test_newcomers_without_end_keep_nobody_waiting_for_ever():
    queue = FairQueue(1)
    use(queue, "regular", 1.0, 1.0)
    use(queue, "flood", 9.0, 1.0)
    for number in range(50):
        queue.add("flood", ("flood", number))
    queue.add("regular", ("regular", 0))
    taken = []
    for number in range(5 * TURNS):
        queue.add(f"newcomer {number}", (f"newcomer {number}", 0))
        taken.append(queue.take(math.inf)[0])
        queue.free(taken[-1], 0.0, 1.0)
    assert "regular" in taken
    assert taken.count("flood") < 5


@pytest.mark.parametrize(("half_lives", "first"), [(1, "lately"), (9, "once")])
def test_what_was_used_is_forgotten_by_halves(half_lives, first):
    queue = FairQueue(1)
    use(queue, "once", 4.0, 0.0)
    # Against the quarter of a second that "lately" has used just now.
    use(queue, "lately", 0.25, half_lives * HALF_LIFE_SECONDS)
    queue.add("once", "once")
    queue.add("lately", "lately")
    assert queue.take(math.inf) == first


def test_no_more_than_the_places_are_taken_at_once():
    queue = FairQueue(2)
    for number in range(3):
        queue.add("a", number)
    assert [queue.take(math.inf), queue.take(math.inf), queue.take(math.inf)] == [0, 1, None]
    assert len(queue) == 1
    queue.free("a", 1.0, 1.0)
    assert [queue.take(math.inf), queue.take(math.inf)] == [2, None]


@given(st.lists(st.tuples(CLIENTS, st.floats(0, 5)), max_size=40), st.integers(1, 4))
def test_what_waits_beside_a_free_place_pauses_and_nothing_is_lost_or_overtaken_by_its_own(
    arrivals, places
):
    queue, held, taken, now = FairQueue(places), [], [], 0.0
    for number, (client, seconds) in enumerate(arrivals):
        queue.add(client, (client, number, seconds))
        while (item := queue.take(now)) is not None:
            held.append(item)
            taken.append(item)
        assert len(held) == places or not len(queue) or queue.seconds_to_next(now) > 0
        if number % 2 and held:
            client_held, _, seconds_held = held.pop(0)
            now += seconds_held
            queue.free(client_held, seconds_held, now)
    for client, _, seconds in held:
        queue.free(client, seconds, now)
    while (item := queue.take(math.inf)) is not None:
        taken.append(item)
        queue.free(item[0], item[2], now)
    assert sorted(taken, key=lambda item: item[1]) == [
        (client, number, seconds) for number, (client, seconds) in enumerate(arrivals)
    ]
    for client in "abcd":
        own = [number for name, number, _ in taken if name == client]
        assert own == sorted(own)


@pytest.mark.parametrize("seconds", [2 * NEGLIGIBLE_SECONDS, 2 * ALLOWANCE_SECONDS])
def test_what_is_remembered_of_clients_is_bounded(seconds):
    queue = FairQueue(1)
    for number in range(3 * MOST_CLIENTS):
        use(queue, f"client {number}", seconds, number / 1000)
    assert len(queue._used) <= MOST_CLIENTS + 1
    assert len(queue._pauses) <= MOST_CLIENTS + 1


def beside_a_flood(other_at):
    """A free place, another client answered at that time, and a flood that waits since 10 seconds."""
    queue = FairQueue(1)
    use(queue, "flood", 2 * ALLOWANCE_SECONDS, 5.0)
    use(queue, "visitor", 0.01, other_at)
    use(queue, "flood", 0.01, 10.0)
    queue.add("flood", "flood")
    return queue


def test_who_has_used_much_pauses_while_there_are_others():
    queue = beside_a_flood(other_at=9.9)
    pause = 0.01 * (1 / SHARE - 1)
    assert queue.take(10.0) is None
    assert queue.seconds_to_next(10.0) == pytest.approx(pause)
    queue.add("visitor", "visitor")
    assert queue.seconds_to_next(10.0) == 0
    assert queue.take(10.0) == "visitor"
    assert queue.seconds_to_next(10.0) == math.inf
    queue.free("visitor", 0.01, 10.0)
    assert queue.take(10.0 + pause) == "flood"


def test_nobody_pauses_for_others_who_have_left():
    queue = beside_a_flood(other_at=10.0 - CONTENDED_SECONDS)
    assert queue.seconds_to_next(10.0) == 0
    assert queue.take(10.0) == "flood"


def test_nobody_pauses_where_there_is_nobody_else():
    queue = FairQueue(1)
    for number in range(100):
        queue.add("only", number)
        assert queue.take(number / 10) == number
        queue.free("only", 0.1, number / 10 + 0.1)


def test_two_floods_alone_do_not_pause_for_each_other():
    queue = FairQueue(1)
    for client in ["a", "b"]:
        use(queue, client, 5.0, 1.0)
    queue.add("a", "a")
    assert queue.take(1.0) == "a"


def test_a_long_request_is_followed_by_a_pause_that_a_person_does_not_notice():
    queue = FairQueue(1)
    use(queue, "upload", 9.0, 10.0)
    use(queue, "visitor", 0.01, 10.0)
    queue.add("upload", "next")
    assert queue.seconds_to_next(10.0) == pytest.approx(LONGEST_PAUSE_SECONDS)
    assert queue.take(10.0 + LONGEST_PAUSE_SECONDS) == "next"


def test_a_worker_that_stops_has_nobody_pause():
    queue = beside_a_flood(other_at=9.9)
    assert queue.take(math.inf) == "flood"


def test_a_flood_is_remembered_beside_many_clients_who_use_next_to_nothing():
    queue = FairQueue(1)
    use(queue, "flood", 5.0, 0.0)
    for number in range(MOST_CLIENTS + 10):
        use(queue, f"client {number}", NEGLIGIBLE_SECONDS / 2, 1.0)
    queue.add("flood", "flood")
    queue.add("newcomer", "newcomer")
    assert queue.take(math.inf) == "newcomer"


def test_a_worker_that_runs_for_years_still_tells_clients_apart():
    queue = FairQueue(1)
    for second in range(0, 10**9, 10**6):
        use(queue, "flood", 1.0, float(second))
    queue.add("flood", "flood")
    queue.add("visitor", "visitor")
    assert queue.take(math.inf) == "visitor"
