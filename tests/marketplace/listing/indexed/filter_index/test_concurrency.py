"""Many writers and readers at once: what is read is exactly the revision it says it is."""

import threading

from flask import Flask
from sqlalchemy import text

from common.database.session import db, read_rows
from marketplace.listing.indexed.filter_index import FilterBitmaps
from marketplace.listing.query import Filters
from profiles.public.models import read_revision
from tests.factories import make_tutor
from tests.marketplace.listing.indexed.filter_index.states import (
    held_now,
    ids_by_sql,
    matching_ids,
    new_index,
)
from tests.profiles.public.public_rows import change
from tests.profiles.public.rebuilding.test_rebuild_laws import (
    in_threads,
    wait_until_somebody_waits_for_a_lock,
)

WRITERS, SAVES, READERS = 4, 12, 3
CHEAP = Filters(price_max=200, has_certifications=False)


def cheap_ids(bitmaps: FilterBitmaps) -> list[int]:
    return matching_ids(bitmaps, CHEAP)


def test_readers_among_writers_get_the_very_rows_of_the_revision_they_are_told(app: Flask) -> None:
    tutors = [make_tutor(hourly_rate=100) for _ in range(WRITERS)]
    index, writing = new_index(), threading.Event()
    writing.set()
    compared: list[int] = []

    def write(number: int) -> None:
        for save in range(SAVES):
            change(tutors[number], hourly_rate=(100, 300, None)[(save + number) % 3])

    def read() -> None:
        while writing.is_set():
            # In one snapshot: what the bitmaps of the same revision must say, too.
            ids, revision = ids_by_sql(CHEAP)
            found = index.read(cheap_ids, revision)
            assert found is not None
            if found[1] == revision:
                assert found[0] == ids
                compared.append(revision)

    def write_all() -> None:
        try:
            raised.extend(in_threads(app, *(lambda n=n: write(n) for n in range(WRITERS))))
        finally:
            writing.clear()

    raised: list[BaseException] = []
    raised += in_threads(app, write_all, *[read] * READERS)
    assert raised == []
    assert len(set(compared)) > 1, "readers met several revisions"
    assert held_now(index) == held_now(new_index())


def test_two_writers_of_one_slot_commit_one_after_the_other_and_both_are_read(app: Flask) -> None:
    first = make_tutor(hourly_rate=100)
    second = next(tutor for tutor in iter(make_tutor, None) if tutor.id % 16 == first.id % 16)
    index = new_index()
    held_now(index)
    renewed, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with db.engine.connect() as connection:
            connection.execute(
                text("select n from public_revision where slot = :slot for no key update"),
                {"slot": first.id % 16},
            )
            renewed.set()
            assert may_commit.wait(20)
            connection.rollback()

    def quick() -> None:
        assert renewed.wait(20)
        change(second, hourly_rate=300)

    def let_go() -> None:
        wait_until_somebody_waits_for_a_lock()
        # A reader sees neither change, and waits for nobody.
        assert 300 not in held_now(index)["hourly_rate"]
        may_commit.set()

    def first_writes() -> None:
        assert renewed.wait(20)
        change(first, hourly_rate=400)

    assert in_threads(app, slow, quick, first_writes, let_go) == []
    assert {300, 400} <= set(held_now(index)["hourly_rate"])
    versions = read_rows("select version, previous, n from public_changes order by slot, version")
    assert len(versions) == len(set(versions))


def test_a_reader_is_given_no_older_state_than_it_has_seen(app: Flask) -> None:
    tutor, index = make_tutor(hourly_rate=0), new_index()
    for price in range(1, 20):
        change(tutor, hourly_rate=price)
        prices = index.read(lambda bitmaps: list(bitmaps.values("hourly_rate")), read_revision())
        assert prices is not None and prices[0] == [price]
        # Without a revision any state will do, and this one says which it is.
        assert index.read(lambda bitmaps: None) == (None, read_revision())
