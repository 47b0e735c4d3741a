"""What is dear to make is made once, whoever asks, and never kept past its revision."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import redis
from flask import Flask

from marketplace.cache import shared as module
from marketplace.cache.shared import MOST_COPIES, Kept


class Maker:
    """Makes values and counts them; can be told to wait."""

    def __init__(self) -> None:
        self.made = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.began = threading.Event()

    def __call__(self) -> bytes:
        self.began.set()
        assert self.may_go_on.wait(10)
        self.made += 1
        return b"value %d" % self.made


def start(app: Flask, work: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        with app.app_context():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_copy_holds_for_its_revision_alone(app: Flask, redis_url: str) -> None:
    kept, make = Kept(), Maker()
    assert [kept.get("page", 7, 60, make).value for _ in range(3)] == [b"value 1"] * 3
    assert kept.get("page", 8, 60, make).value == b"value 2"
    assert kept.get("other", 8, 60, make).value == b"value 3"
    assert make.made == 3


def test_processes_share_what_one_of_them_made(app: Flask, redis_url: str) -> None:
    make = Maker()
    assert [Kept().get("page", 7, 60, make).value for _ in range(3)] == [b"value 1"] * 3
    assert make.made == 1


def test_zero_seconds_keep_nothing(app: Flask, redis_url: str) -> None:
    kept, make = Kept(), Maker()
    values = [kept.get("page", 7, 0, make).value for _ in range(2)]
    assert values == [b"value 1", b"value 2"]
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys("marketplace:*") == []


@pytest.mark.parametrize("processes", [1, 2])
def test_while_one_makes_it_the_others_wait_for_it(
    app: Flask, redis_url: str, processes: int
) -> None:
    make, values = Maker(), []
    make.may_go_on.clear()
    copies = [Kept() for _ in range(processes)]
    threads = [
        start(app, lambda own=copies[number % processes]: values.append(own.get("p", 1, 60, make)))
        for number in range(4)
    ]
    assert make.began.wait(10)
    make.may_go_on.set()
    for thread in threads:
        thread.join()
    assert len(values) == 4
    assert make.made == 1


def test_nobody_waits_long_for_a_process_that_died_making_it(app: Flask, redis_url: str) -> None:
    key = module._key("page", 7)
    with redis.Redis.from_url(redis_url) as client:
        client.set(f"{key}:making", b"", px=60_000)
        assert Kept().get("page", 7, 60, Maker()).value == b"value 1"
        # What was made in its place is shared, and the way is free.
        assert client.get(key) == b"value 1"
        assert not client.exists(f"{key}:making")


def test_a_maker_that_fails_leaves_the_way_free(app: Flask, redis_url: str) -> None:
    def fail() -> bytes:
        raise LookupError("nothing there")

    kept = Kept()
    with pytest.raises(LookupError):
        kept.get("page", 7, 60, fail)
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys("marketplace:*") == []
    assert kept.get("page", 7, 60, Maker()).value == b"value 1"


def test_the_copies_of_a_process_are_bounded(app: Flask, redis_url: str) -> None:
    kept = Kept()
    for number in range(MOST_COPIES + 10):
        kept.get(f"page {number}", 7, 60, Maker())
    assert len(kept._copies) == MOST_COPIES
