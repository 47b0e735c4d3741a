"""The first load: at once for few tutors, by a thread for many, and SQL meanwhile."""

import threading
from typing import Any

import psycopg2
import pytest
from flask import Flask
from pyroaring import BitMap

from marketplace.listing.indexed.filter_index import index as index_module
from marketplace.listing.indexed.filter_index import reading
from marketplace.listing.indexed.filter_index.encoding import decode_ids
from profiles.public.models import read_revision
from tests.factories import make_tutor
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.listing.forks import holds_in_child
from tests.marketplace.listing.indexed.filter_index.states import held_by, held_now, new_index
from tests.profiles.public.public_rows import change


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten tutors are many."""
    monkeypatch.setattr(index_module, "MOST_LOADED_AT_ONCE", 9)
    monkeypatch.setattr(index_module, "CHUNK", 4)
    store_tutors(generate_tutors(10))


@pytest.mark.parametrize("chunk", [1, 3, 10, 11])
def test_chunks_add_up_whatever_their_size(app: Flask, chunk: int) -> None:
    store_tutors(generate_tutors(10))
    index = new_index()
    state = reading.read_all(index._pool, chunk)
    assert state is not None
    assert held_by(state.bitmaps) == held_now(index)
    assert state.revision == read_revision()


def test_of_nobody_there_is_an_empty_index(app: Flask) -> None:
    assert not any(held_now(new_index()).values())


def test_many_are_loaded_by_a_thread_and_sql_answers_meanwhile(app: Flask, many: None) -> None:
    index = new_index()
    assert index.read(held_by) is None
    index.wait_until_loaded()
    assert len(held_now(index)["listed"][True]) == 10


def test_a_change_during_the_load_is_caught_up_with(
    app: Flask, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, go_on = new_index(), threading.Event()
    real = reading._chunks

    def slow(*arguments: Any) -> Any:
        for rows in real(*arguments):
            if threading.current_thread().name == "filter-index-loader":
                assert go_on.wait(20)
            yield rows

    monkeypatch.setattr(reading, "_chunks", slow)
    assert index.read(held_by) is None
    tutor = make_tutor(hourly_rate=77)
    # Nobody waits for the thread, and no second one is started.
    assert index.read(held_by, read_revision()) is None
    go_on.set()
    index.wait_until_loaded()
    assert held_now(index)["hourly_rate"][77] == [tutor.id]


def test_a_load_that_fails_is_tried_again_later(
    app: Flask, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = new_index()
    real = index_module.read_all

    def fail(pool: Any, chunk: int, most: int | None = None) -> Any:
        if most is None:
            raise psycopg2.OperationalError("gone")
        return real(pool, chunk, most)

    monkeypatch.setattr(index_module, "read_all", fail)
    assert index.read(held_by) is None
    index.wait_until_loaded()
    monkeypatch.setattr(index_module, "read_all", real)
    assert index.read(held_by) is None, "not at once"
    index._no_load_before = 0.0
    assert index.read(held_by) is None
    index.wait_until_loaded()
    assert index.is_loaded


def test_a_child_process_goes_on_from_its_parent_s_bitmaps(app: Flask) -> None:
    index = new_index()
    make_tutor(hourly_rate=100)
    held_now(index)
    assert holds_in_child(lambda: index.is_loaded and not index._catching_up.locked())
    with index._lock:
        # In the midst of a change: half of one is nothing to go on from.
        assert holds_in_child(lambda: not index.is_loaded and not index._lock.locked())
    change(make_tutor(), hourly_rate=200)
    assert sorted(held_now(index)["hourly_rate"]) == [100, 200]


def test_ids_keep_their_values_whatever_the_machine() -> None:
    ids = memoryview(b"\x00\x00\x00\x07\x7f\xff\xff\xff")
    assert decode_ids(ids) == BitMap([7, 2**31 - 1])
    assert decode_ids(None) == BitMap()
