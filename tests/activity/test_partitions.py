"""Months get their partitions, whatever the default one holds and whoever else makes them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from activity import ensure_partitions
from activity.partitions import (
    DEFAULT_PARTITION,
    existing_partitions,
    keep_partitions_ahead,
    month_after,
    month_named,
    month_of,
    months_between,
    partition_name,
)
from activity.recording.bulk_insert import insert_events
from common import clock
from tests.activity.events import event

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 1), max_value=datetime(9990, 1, 1), timezones=st.timezones()
)
MARCH = datetime(2019, 3, 1, tzinfo=UTC)


@pytest.fixture
def engine(fresh_database_url):
    """A database of the test's own, since partitions outlive the rows of a test."""
    engine = create_engine(fresh_database_url.replace("postgresql://", "postgresql+psycopg2://"))
    yield engine
    engine.dispose()


def counts(engine):
    """Rows in each partition that has any."""
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "select cast(tableoid as regclass) || '', count(*) from activity_events group by 1"
            )
        )
        return dict(found.all())


def put(engine, *timestamps):
    with engine.begin() as connection:
        insert_events(connection, [event(None, timestamp) for timestamp in timestamps])


@given(MOMENTS)
def test_a_month_contains_its_timestamps(timestamp):
    month = month_of(timestamp)
    assert month <= timestamp < month_after(month)
    assert month_named(partition_name(month)) == month


@given(MOMENTS, st.integers(-200, 200))
def test_months_are_counted_in_both_directions(timestamp, months):
    month = month_of(timestamp)
    if month.year * 12 + months < 24:
        return
    assert month_after(month_after(month, months), -months) == month


def test_a_year_has_twelve_months():
    year = list(months_between(MARCH, MARCH + timedelta(days=364)))
    assert len(year) == 12 and year[-1] == datetime(2020, 2, 1, tzinfo=UTC)


def test_an_event_without_a_month_of_its_own_is_stored_by_default(engine):
    put(engine, MARCH)
    assert counts(engine) == {DEFAULT_PARTITION: 1}


def test_a_months_events_move_out_of_the_default_partition(engine):
    end = month_after(MARCH)
    inside = [MARCH, MARCH + timedelta(days=14), end - timedelta(microseconds=1)]
    put(engine, MARCH - timedelta(microseconds=1), *inside, end)
    with engine.begin() as connection:
        assert ensure_partitions(connection, MARCH, MARCH) == ["activity_events_2019_03"]
    assert counts(engine) == {DEFAULT_PARTITION: 2, "activity_events_2019_03": 3}


def test_making_partitions_again_changes_nothing(engine):
    for expected in (["activity_events_2019_03", "activity_events_2019_04"], []):
        with engine.begin() as connection:
            assert ensure_partitions(connection, MARCH, month_after(MARCH)) == expected


def test_a_new_partition_has_what_its_parent_has(engine):
    with engine.begin() as connection:
        ensure_partitions(connection, MARCH, MARCH)
        shapes = connection.execute(text("""
                select regexp_replace(pg_get_indexdef(i.indexrelid), '.* USING', '')
                from pg_index i
                where i.indrelid = cast('activity_events_2019_03' as regclass)
                order by 1
                """)).scalars()
        parents = connection.execute(text("""
                select regexp_replace(pg_get_indexdef(i.indexrelid), '.* USING', '')
                from pg_index i where i.indrelid = cast('activity_events' as regclass) order by 1
                """)).scalars()
        assert shapes.all() == parents.all()
        constraints = text(
            "select count(*) from pg_constraint where conrelid = cast(:name as regclass)"
            " and contype in ('f', 'c', 'p')"
        )
        assert connection.scalar(
            constraints, {"name": "activity_events_2019_03"}
        ) == connection.scalar(constraints, {"name": "activity_events"})


def test_processes_that_make_the_same_months_at_once_agree(engine):
    put(engine, *[clock.now() + timedelta(days=20 * n) for n in range(5)])
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda _: keep_partitions_ahead(engine), range(6)))
    assert sorted(map(len, made)) == [0, 0, 0, 0, 0, 4]
    assert sum(counts(engine).values()) == 5
    assert counts(engine).get(DEFAULT_PARTITION, 0) <= 1


def test_this_month_and_three_more_are_kept_ready(engine):
    keep_partitions_ahead(engine)
    this_month = month_of(clock.now())
    with engine.connect() as connection:
        assert existing_partitions(connection) == {
            DEFAULT_PARTITION,
            *(partition_name(month_after(this_month, ahead)) for ahead in range(4)),
        }


def test_events_written_while_a_month_gets_its_partition_are_all_stored(engine):
    def write(number):
        put(engine, *[MARCH + timedelta(hours=number, minutes=n) for n in range(20)])

    def make(_):
        with engine.begin() as connection:
            ensure_partitions(connection, MARCH, MARCH)

    with ThreadPoolExecutor(5) as threads:
        jobs = [threads.submit(write, number) for number in range(20)]
        jobs[10:10] = [threads.submit(make, None)]
        jobs += [threads.submit(write, number) for number in range(20, 40)]
        for job in jobs:
            job.result()
    assert counts(engine) == {"activity_events_2019_03": 800}
