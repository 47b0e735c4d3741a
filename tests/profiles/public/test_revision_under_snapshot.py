"""An old snapshot keeps dead rows from being removed: readers and writers do not walk through them."""

from collections.abc import Iterator
from contextlib import closing
from statistics import median
from typing import Any

import psycopg2
import pytest
from flask import Flask

from common.database.session import db, read_rows
from marketplace.listing.indexed.filter_index import statements
from marketplace.listing.indexed.filter_index.changes import MOST_CHANGES
from profiles.public import revision as renewal
from profiles.public.models import (
    REVISION,
    REVISION_ROWS,
    REVISION_SLOTS,
    STORED_CHANGES,
    read_revision,
)
from profiles.public.revision import MOST_BEHIND, renew_revision
from tests.marketplace.plans.explain import explain

CHANGES, AT_ONCE = 1600, 40
# A slot is passed by so many positions before a change moves it, and each change moves one.
MOST_WALKED = MOST_BEHIND + 2 * REVISION_SLOTS
# Two of the index, and as many of the table as the walked rows fill where they lie together; at worst
# each of them is on another page than the one before it.
PAGES_OF_A_READ, MOST_OF_A_READ = 6, MOST_WALKED + 4
PAGES_OF_A_CHANGE, MOST_OF_A_CHANGE = 45, 5 * MOST_OF_A_READ


def renew(*tutor_ids: int) -> None:
    """Changes of these tutors one after the other, of one commit."""
    for tutor_id in tutor_ids:
        renew_revision(db.session.connection(), [tutor_id])
    db.session.commit()


@pytest.fixture
def snapshot(app: Flask, fresh_database_url: str, make_app: Any) -> Iterator[None]:
    """A database of its own, with a transaction that has seen it and goes on."""
    with make_app(DATABASE_URL=fresh_database_url).app_context():
        with closing(psycopg2.connect(fresh_database_url)) as holder, holder.cursor() as cursor:
            cursor.execute("begin isolation level repeatable read")
            cursor.execute("select count(*) from public_revision")
            yield
        db.session.rollback()


def pages(statement: str, **values: Any) -> int:
    """8 kB pages that a public read touches."""
    connection = db.session.connection().connection
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        buffers = explain(cursor, statement, values).buffers
    db.session.rollback()
    return buffers


def written_pages(tutor_id: int) -> int:
    """8 kB pages that a change touches, which is rolled back."""
    connection = db.session.connection().connection
    sql = str(renewal.RENEW_ONE_SLOT).replace("%", "%%")
    for name in ("slots", "ids"):
        sql = sql.replace(f":{name}", f"%({name})s")
    with connection.cursor() as cursor:
        values = {"slots": [tutor_id % REVISION_SLOTS], "ids": [tutor_id]}
        buffers = explain(cursor, sql, values).buffers
    db.session.rollback()
    return buffers


def slots_now() -> list[tuple[Any, ...]]:
    """Slot, version, number and position of each."""
    return read_rows(f"select slot, version, n, position from {REVISION_ROWS} slots")


@pytest.mark.parametrize("step", [1, REVISION_SLOTS], ids=["all slots", "one slot"])
def test_neither_reader_nor_writer_of_the_revision_touches_more_pages_with_every_change(
    snapshot: None, step: int
) -> None:
    read, written = [], []
    for number in range(0, CHANGES, AT_ONCE):
        renew(*(step * each for each in range(number, number + AT_ONCE)))
        read.append(pages(REVISION))
        written.append(written_pages(number))
    # Of the later half, by when the dead rows fill many pages.
    read, written = read[len(read) // 2 :], written[len(written) // 2 :]
    assert median(read) <= PAGES_OF_A_READ and max(read) <= MOST_OF_A_READ
    assert median(written) <= PAGES_OF_A_CHANGE and max(written) <= MOST_OF_A_CHANGE
    ((size,),) = read_rows("select pg_relation_size('public_revision') / 8192")
    assert size > PAGES_OF_A_READ, "the dead rows are there"


def test_a_slot_without_changes_is_moved_up_and_keeps_its_number(snapshot: None) -> None:
    before = {slot: (n, version) for slot, version, n, _ in slots_now()}
    renew(*(REVISION_SLOTS * number for number in range(3 * MOST_BEHIND)))
    after = {slot: (n, version) for slot, version, n, _ in slots_now()}
    assert before.pop(0) != after.pop(0)
    assert before == after
    positions = [position for *_, position in slots_now()]
    assert max(positions) - min(positions) <= MOST_WALKED < max(positions)
    assert read_rows("select slot from public_changes where slot > 0") == []


def test_a_look_at_the_latest_changes_touches_no_more_pages_with_every_change(
    snapshot: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = renewal.RENEW_ONE_SLOT.text.replace(f"- {STORED_CHANGES}", "- 10")
    monkeypatch.setattr(renewal, "RENEW_ONE_SLOT", db.text(fewer))
    touched = []
    for number in range(0, CHANGES, AT_ONCE):
        renew(*range(number, number + AT_ONCE))
        known = {slot: version - 5 for slot, version, *_ in slots_now()}
        looked_for = {"slots": list(known), "versions": list(known.values()), "most": MOST_CHANGES}
        touched.append(pages(statements.CHANGES, **looked_for))
    assert read_rows("select count(*) from public_changes") == [(10 * REVISION_SLOTS,)]
    assert max(touched[20:]) <= 2 * max(touched[10:20])


def test_what_is_walked_is_every_slot_once(snapshot: None) -> None:
    for number in range(0, 300, 30):
        renew(*(each % 3 for each in range(number, number + 30)))
        rows = read_rows("select slot, version, n, position from public_revision")
        assert sorted(rows) == sorted(slots_now())
        assert read_revision() == sum(n for _, _, n, _ in rows)
