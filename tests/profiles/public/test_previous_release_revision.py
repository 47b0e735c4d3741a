"""During an upgrade the previous release reads and renews the revision beside this one."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from common.database.session import db, read_rows
from profiles.public.models import RANDOM_REVISION, REVISION, REVISION_SLOTS
from profiles.public.revision import renew_revision
from tests.profiles.public.rebuilding.test_rebuild_laws import in_threads

# As the previous release has them.
PREVIOUS_READ = "select sum(n)::bigint from public_revision"
PREVIOUS_RENEWAL = db.text(f"""
    with locked as materialized (
        select slot, n, version from public_revision where slot = any(:slots) order by slot
        for no key update
    ), renewed as (
        update public_revision revision set n = {RANDOM_REVISION}, version = locked.version + 1
        from locked where revision.slot = locked.slot
        returning revision.slot, revision.version, locked.n as previous, revision.n
    ), pruned as (
        delete from public_changes change using renewed where change.slot = renewed.slot
            and change.version <= renewed.version - 1000
    )
    insert into public_changes (slot, version, previous, n, tutor_ids)
    select slot, version, previous, n, case when cast(:ids as int[]) is not null then array(
        select id from unnest(cast(:ids as int[])) id where id % {REVISION_SLOTS} = slot) end
    from renewed
    on conflict (slot, version) do update
    set previous = excluded.previous, n = excluded.n, tutor_ids = excluded.tutor_ids""")
WRITERS, CHANGES = 4, 40
BOTH = f"select ({REVISION}), ({PREVIOUS_READ})"


def renew(number: int, tutor_ids: list[int]) -> None:
    """By either release in turn."""
    connection = db.session.connection()
    if number % 2:
        renew_revision(connection, tutor_ids)
    else:
        slots = sorted({tutor_id % REVISION_SLOTS for tutor_id in tutor_ids})
        connection.execute(PREVIOUS_RENEWAL, {"slots": slots, "ids": tutor_ids})
    db.session.commit()


@pytest.fixture
def start(app: Flask) -> Iterator[dict[int, tuple[int, int]]]:
    """Number and version of each slot before."""
    rows = read_rows("select slot, n, version from public_revision")
    yield {slot: (n, version) for slot, n, version in rows}


def test_a_change_by_either_release_is_seen_by_both(start: dict[int, tuple[int, int]]) -> None:
    seen = set()
    for number in range(20):
        renew(number, [number % 3])
        ((ours, theirs),) = read_rows(BOTH)
        assert ours == theirs
        seen.add(ours)
    assert len(seen) == 20


def test_writers_of_both_releases_leave_one_history_without_gaps(
    app: Flask, start: dict[int, tuple[int, int]]
) -> None:
    writing = threading.Event()
    writing.set()
    read: list[tuple[int, int]] = []

    def write(writer: int) -> None:
        for number in range(CHANGES):
            # Two slots at a time, most of them another writer's too, in either order.
            renew(writer + number, [writer + number, 3 * number])

    def write_all() -> None:
        try:
            raised.extend(in_threads(app, *(lambda n=n: write(n) for n in range(WRITERS))))
        finally:
            writing.clear()

    def look() -> None:
        while writing.is_set():
            read.extend(read_rows(BOTH))

    raised: list[BaseException] = []
    raised += in_threads(app, write_all, look)
    assert raised == []
    assert read and all(ours == theirs for ours, theirs in read)
    assert_history_since(start)


def assert_history_since(start: dict[int, tuple[int, int]]) -> None:
    """Each slot's changes lead link by link from what it was to what it is."""
    changes = read_rows("select slot, version, previous, n from public_changes order by 1, 2")
    at = dict(start)
    for slot, version, previous, n in changes:
        assert (previous, version - 1) == at[slot]
        at[slot] = (n, version)
    rows = read_rows("select slot, n, version from public_revision")
    assert at == {slot: (n, version) for slot, n, version in rows}
    assert len(rows) == REVISION_SLOTS


@pytest.mark.parametrize("release", [0, 1])
def test_a_change_that_is_rolled_back_leaves_no_trace(
    start: dict[int, tuple[int, int]], release: int
) -> None:
    before = read_rows(BOTH)
    renew_revision(db.session.connection(), range(50))
    db.session.rollback()
    assert read_rows(BOTH) == before
    assert_history_since(start)
    renew(release, [1])
    assert_history_since(start)
