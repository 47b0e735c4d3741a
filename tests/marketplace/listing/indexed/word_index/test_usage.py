"""What is counted of clauses stays bounded, whatever is asked for."""

import pytest

from marketplace.listing.indexed.word_index import usage
from marketplace.listing.indexed.word_index.usage import ClauseUsage


def test_new_words_push_the_oldest_out_of_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_COUNTED", 3)
    counted = ClauseUsage(100)
    counted.note(["a", "b", "c", "d"], ())
    counted.note(["a"], ())
    assert not counted.has_waiting, "counted anew"
    counted.note(["d"], ())
    assert [counted.next_waiting(), counted.next_waiting()] == ["d", None]


def test_so_many_wait_at_most_and_those_first_who_waited_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(usage, "MOST_WAITING", 2)
    counted = ClauseUsage(100)
    for _ in range(2):
        counted.note(["a", "b", "c"], ())
    assert [counted.next_waiting() for _ in range(3)] == ["a", "b", None]


def test_what_is_loaded_is_not_counted() -> None:
    counted = ClauseUsage(100)
    for _ in range(3):
        counted.note(["a"], {"a"})
    assert not counted.has_waiting


@pytest.mark.parametrize(
    ("sizes", "used", "gone"),
    [
        ([40, 40], None, []),
        ([40, 40, 40], None, ["0"]),
        ([40, 40, 40], "0", ["1"]),
        ([40, 40, 90], None, ["0", "1"]),
        # One that is too large by itself stays until the next one comes.
        ([40, 140], None, ["0"]),
    ],
)
def test_the_ones_used_longest_ago_go_for_a_new_one(
    sizes: list[int], used: str | None, gone: list[str]
) -> None:
    counted = ClauseUsage(100)
    *before, last = enumerate(sizes)
    for number, size in before:
        assert counted.store(str(number), size) == []
    if used is not None:
        counted.note([used], {used})
    assert counted.store(str(last[0]), last[1]) == gone
    assert counted.bytes == sum(sizes) - sum(sizes[int(each)] for each in gone)


def test_what_is_lost_waits_to_be_loaded_again() -> None:
    counted = ClauseUsage(100)
    counted.store("a", 1)
    counted.store("b", 1)
    counted.lose_all()
    assert counted.bytes == 0
    assert [counted.next_waiting() for _ in range(3)] == ["a", "b", None]


def test_so_many_are_loaded_at_most_however_few_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_LOADED", 2)
    counted = ClauseUsage(100)
    assert [counted.store(each, 0) for each in "abc"] == [[], [], ["a"]]


def test_no_more_of_what_is_lost_waits_than_may_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_WAITING", 2)
    counted = ClauseUsage(100)
    for each in "abc":
        counted.store(each, 1)
    counted.lose_all()
    assert [counted.next_waiting() for _ in range(3)] == ["b", "c", None], "those used last"
