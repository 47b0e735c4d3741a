"""Two nodes and two replicas, one of which is late: what was hidden is hidden at once, and whoever
has written reads it, at every node."""

import random
import time
from collections import Counter

import pytest

from tests.replicas.visits import Owner, Stranger, at_once, reads_of

QUICK, MANY = 60, 1000


def flip(nodes, times):
    """Where strangers saw other than they should right after a change of visibility: (its number,
    node, place)."""
    owner = Owner(nodes[0])
    strangers = [Stranger(node, owner) for node in nodes]
    order = random.Random(times)
    stale = []
    for number in range(times):
        is_shown = number % 2 == 1
        owner.show_bio(order.choice(nodes), is_shown)
        for node, seen in enumerate(at_once(*[each.sees for each in strangers])):
            stale += [(number, node, place) for place, sees in seen.items() if sees != is_shown]
        if order.random() < 0.1:
            # Long enough for the late one to have caught up, and to be asked again.
            time.sleep(0.3)
    return stale


def served(nodes, kind):
    """How many statements replicas have answered, and how many they were too late for."""
    time.sleep(1.2)
    reads = [reads_of(node) for node in nodes]
    return Counter(
        {
            reason: sum(each.get((kind, reason), 0) for each in reads)
            for reason in ("current", "behind")
        }
    )


def test_no_flip_of_visibility_is_read_stale_at_any_node(nodes):
    before = served(nodes, "public")
    assert flip(nodes, QUICK) == []
    # Both were tested: the replica that is up to date, and the one that is not.
    reads = served(nodes, "public") - before
    assert reads["current"] > 20 and reads["behind"] > 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_flips_of_visibility_are_read_stale_at_no_node(nodes):
    before = served(nodes, "public")
    assert flip(nodes, MANY) == []
    reads = served(nodes, "public") - before
    assert reads["current"] > 500 and reads["behind"] > 100


def test_whoever_has_written_an_event_reads_it_at_every_node(nodes):
    owner = Owner(nodes[0])
    for number in range(QUICK // 2):
        event = owner.trigger(nodes[number % 2])
        first, second = at_once(*[lambda node=node: owner.log(node) for node in nodes])
        assert event in first and event in second, number
    assert served(nodes, "log")["current"] > 20
