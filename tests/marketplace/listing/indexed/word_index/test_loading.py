"""Which words are loaded: those asked for again, while there is room, whatever happens meanwhile."""

import threading
from typing import Any

import psycopg2
import pytest
from flask import Flask

from marketplace.listing.indexed.word_index import WordIndex
from marketplace.listing.indexed.word_index import index as index_module
from profiles.public.models import read_revision
from tests.factories import make_tutor
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.listing.forks import holds_in_child
from tests.marketplace.listing.indexed.word_index.states import (
    CLAUSES,
    held_by_sql,
    held_now,
    load,
    new_index,
)
from tests.profiles.public.public_rows import change

CLAUSE = "'уроки'"


def loaded(index: WordIndex) -> set[str]:
    index.wait_until_loaded()
    return set() if index._state is None else set(index._state.bitmaps)


def test_a_clause_is_loaded_when_it_is_asked_for_again(app: Flask) -> None:
    tutor, index = make_tutor(headline="Уроки"), new_index()
    assert index.read({CLAUSE}) is None
    assert loaded(index) == set()
    assert index.read({CLAUSE}) is None
    assert loaded(index) == {CLAUSE}
    assert held_now(index, [CLAUSE]) == {CLAUSE: [tutor.id]}
    assert index.read({CLAUSE, "'other'"}) is None


def test_of_nobody_there_is_an_empty_bitmap(app: Flask) -> None:
    index = new_index()
    load(index)
    assert held_now(index) == {clause: [] for clause in CLAUSES} == held_by_sql()


def test_words_that_must_follow_one_another_are_left_to_sql(app: Flask) -> None:
    index = new_index()
    for _ in range(3):
        assert index.read({"('a' <-> 'b')"}) is None
    assert loaded(index) == set()


def test_a_change_during_a_load_is_in_what_is_loaded(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    tutor, index = make_tutor(headline="Уроки"), new_index()
    load(index, [CLAUSE])
    real = index_module.read_having

    def read_slowly(clause: str) -> Any:
        found = real(clause)
        stands.set()
        assert go_on.wait(20)
        return found

    stands, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(index_module, "read_having", read_slowly)
    index.read({"'calm'"})
    index.read({"'calm'"})
    assert stands.wait(20)
    change(tutor, headline="Calm")
    # Nobody waits for the thread.
    assert held_now(index, [CLAUSE]) == {CLAUSE: []}
    go_on.set()
    assert loaded(index) == {CLAUSE, "'calm'"}
    assert held_now(index, ["'calm'"]) == {"'calm'": [tutor.id]}


def test_a_load_that_fails_is_tried_again_when_it_is_asked_for(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, real = new_index(), index_module.read_having

    def fail(clause: str) -> Any:
        raise psycopg2.OperationalError("gone")

    monkeypatch.setattr(index_module, "read_having", fail)
    for _ in range(3):
        assert index.read({CLAUSE}) is None
        assert loaded(index) == set()
    monkeypatch.setattr(index_module, "read_having", real)
    load(index, [CLAUSE])


def test_clauses_used_longest_ago_make_room(app: Flask) -> None:
    store_tutors(generate_tutors(60))
    one, other, rare = "'математика'", "'calm'", "'nr1000003'"
    roomy = new_index()
    load(roomy, [one, other])
    index = new_index(most_bytes=roomy._usage.bytes)
    load(index, [one])
    load(index, [other])
    assert index.read({one}) is not None, "used again"
    load(index, [rare])
    assert loaded(index) == {one, rare}
    assert index._usage.bytes < roomy._usage.bytes
    assert held_now(index, [one, rare]) == held_by_sql([one, rare])


def test_a_child_process_goes_on_from_its_parent_s_bitmaps(app: Flask) -> None:
    index = new_index()
    make_tutor(headline="Уроки")
    load(index, [CLAUSE])
    with index._advancing, index._starting, index._usage._lock:
        assert holds_in_child(lambda: index.read({CLAUSE}) is not None and index._loader is None)
    assert index.read({CLAUSE}, read_revision()) is not None
