"""Requests counted as plain numbers: their metrics are those of requests observed one by one."""

import os
import threading
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.operations.metrics import request_counts
from common.operations.metrics.registry import Histogram
from common.operations.metrics.request_counts import (
    BUCKETS,
    REQUESTS,
    STATEMENT_SECONDS,
    STATEMENTS,
    SummedHistogram,
    count_request,
    sample_requests,
)

ROUTE = "/counted/for/a/test/"
SECONDS = st.one_of(st.sampled_from(BUCKETS), st.floats(0, 10))


def samples(metric, **labels):
    """The sums of a metric's series with these labels, by name and bucket."""
    (family,) = metric.collect()
    sums = defaultdict(float)
    for sample in family.samples:
        if labels.items() <= sample.labels.items() and not sample.name.endswith("_created"):
            sums[sample.name, sample.labels.get("le")] += sample.value
    return sums


def grown(act, metric, **labels):
    """By how much each of those series grows."""
    before = samples(metric, **labels)
    act()
    return {key: value - before[key] for key, value in samples(metric, **labels).items()}


@given(st.lists(SECONDS, min_size=1, max_size=30))
def test_a_sum_of_observations_is_what_they_are_one_by_one(seconds):
    single = Histogram("test_single", "For a test", buckets=BUCKETS, registry=None)
    for each in seconds:
        single.observe(each)

    def work():
        for each in seconds:
            count_request(ROUTE, "GET", 200, each, 0.0, 0)
        sample_requests()

    counted = grown(work, REQUESTS, route=ROUTE)
    expected = {
        (name.replace("test_single", "http_request_seconds"), bucket): pytest.approx(value)
        for (name, bucket), value in samples(single).items()
    }
    assert counted == expected


def test_statements_are_added_up_by_route():
    def work():
        for status, statements in ((200, 2), (304, 1), (404, 0)):
            count_request(ROUTE, "GET", status, 0.1, statements * 0.25, statements)
        sample_requests()

    assert grown(work, STATEMENTS, route=ROUTE) == {("database_statements_total", None): 3}
    assert grown(work, STATEMENT_SECONDS, route=ROUTE) == {
        ("database_statement_seconds_total", None): 0.75
    }


def test_nothing_is_counted_twice_or_lost_among_threads():
    def count():
        for _ in range(500):
            count_request(ROUTE, "GET", 200, 0.003, 0.001, 1)
            sample_requests()

    def work():
        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    total = grown(work, REQUESTS, route=ROUTE)
    assert total["http_request_seconds_count", None] == 2000
    assert total["http_request_seconds_bucket", "0.0025"] == 0


def test_a_child_process_does_not_count_what_its_parent_has_counted():
    count_request(ROUTE, "GET", 200, 0.003, 0.001, 1)
    child = os.fork()
    if not child:
        os._exit(len(request_counts._pending.counts))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    total = grown(sample_requests, REQUESTS, route=ROUTE)
    assert total["http_request_seconds_count", None] == 1


def test_what_cannot_be_stored_is_lost_and_the_next_counts_go_on(monkeypatch):
    def fail(*values):
        raise OSError("No space left on device")

    count_request(ROUTE, "GET", 200, 0.003, 0.0, 0)
    with monkeypatch.context() as full:
        full.setattr(SummedHistogram, "add", fail)
        sample_requests()

    def work():
        count_request(ROUTE, "GET", 200, 0.003, 0.0, 0)
        sample_requests()

    assert grown(work, REQUESTS, route=ROUTE)["http_request_seconds_count", None] == 1
