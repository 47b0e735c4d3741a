"""Moments rise strictly within a process; ids sort as timestamps do and tell them."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from activity.uuid_time import event_id, next_timestamp, timestamp_range
from common.config import ROOT

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC)
)


def test_events_of_one_timestamp_keep_their_order():
    with time_machine.travel(datetime(2031, 1, 1, tzinfo=UTC), tick=False):
        timestamps = [next_timestamp() for _ in range(1000)]
    assert timestamps[0] == datetime(2031, 1, 1, tzinfo=UTC)
    assert timestamps == sorted(set(timestamps))


def test_a_clock_that_falls_back_a_little_is_waited_for():
    with time_machine.travel(datetime(2032, 1, 1, 0, 0, 1, tzinfo=UTC), tick=False):
        before = next_timestamp()
    with time_machine.travel(datetime(2032, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC), tick=False):
        assert next_timestamp() > before


def test_a_clock_that_was_set_back_is_believed():
    with time_machine.travel(datetime(2033, 1, 1, tzinfo=UTC), tick=False):
        next_timestamp()
    with time_machine.travel(datetime(2032, 6, 1, tzinfo=UTC), tick=False):
        assert next_timestamp() == datetime(2032, 6, 1, tzinfo=UTC)


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_seven_with_its_millisecond(timestamp):
    made = event_id(timestamp)
    since, until = timestamp_range(made)
    assert made.version == 7 and made.variant == "specified in RFC 4122"
    assert since <= timestamp < until and until - since == timedelta(milliseconds=1)


@given(MOMENTS, st.integers(1, 10**12))
def test_ids_sort_as_their_timestamps_do(timestamp, microseconds):
    try:
        later = timestamp + timedelta(microseconds=microseconds)
    except OverflowError:
        return
    assert event_id(timestamp) < event_id(later)


@given(st.uuids())
def test_any_id_has_a_timestamp(uuid):
    since, until = timestamp_range(uuid)
    assert since < until


FORKING = """
import os
from common.clock import now
from activity.uuid_time import event_id
timestamp = now()
child = os.fork()
if child:
    os.waitpid(child, 0)
print(event_id(timestamp), flush=True)
"""


def test_forked_processes_draw_different_ids():
    command = [sys.executable, "-c", FORKING]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert len(set(output.split())) == 2
