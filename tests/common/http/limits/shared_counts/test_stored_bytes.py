"""Bytes of an hour: exact in one process, shared by several, and begun anew after it."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from common.http.limits.shared_counts.stored_bytes import (
    SECONDS,
    ByteCounter,
    Hour,
    StoredBytes,
    send_bytes,
)
from common.redis import exchange
from common.redis.client import FallbackRedis

START = 1_800_000_000.0
LIMIT = 100


@pytest.fixture
def start(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ByteCounter]]:
    """Starts what stands for a further process, which exchanges its counts when it is told to."""
    monkeypatch.setattr(exchange, "INTERVAL_SECONDS", 3600)
    started: list[ByteCounter] = []

    def start_one(url: str = redis_url) -> ByteCounter:
        started.append(ByteCounter(FallbackRedis(url, 5)))
        return started[-1]

    yield start_one
    for each in started:
        each.close()


def caller() -> str:
    return f"budget:TEST:{secrets.token_hex(8)}"


def spend(process: ByteCounter, name: str, size: int) -> int:
    return process.spend(name, size, LIMIT)[0]


def test_an_hour_begins_with_its_first_byte_and_what_is_refused_is_not_spent() -> None:
    stored = StoredBytes()
    assert stored.spend(80, LIMIT, START) == (80, 3600)
    assert stored.spend(30, LIMIT, START + 1000) == (110, 2600)
    assert stored.spend(20, LIMIT, START + 3599) == (100, 1)
    assert stored.spend(80, LIMIT, START + 3600) == (80, 3600)
    assert stored.take_unsent(START + 3600).size == 80


def test_a_clock_set_back_makes_no_hour_longer() -> None:
    stored = StoredBytes()
    stored.spend(80, LIMIT, START)
    assert stored.spend(80, LIMIT, START - 7200) == (80, 3600)


def test_the_hour_that_redis_knows_is_that_of_all() -> None:
    stored = StoredBytes()
    stored.spend(20, LIMIT, START)
    sent = stored.take_unsent(START)
    stored.spend(10, LIMIT, START)
    # Others began it half an hour ago, and have spent 40 of the 60.
    stored.learn(sent, Hour(60, 1800))
    assert stored.spend(30, LIMIT, START) == (100, 1800)
    assert stored.spend(1, LIMIT, START)[0] == 101
    assert stored.spend(100, LIMIT, START + 1800) == (100, 3600)


def test_an_hour_that_redis_began_anew_forgets_what_was_spent_before() -> None:
    stored = StoredBytes()
    stored.spend(90, LIMIT, START)
    stored.learn(stored.take_unsent(START), Hour(90, 3600))
    stored.spend(5, LIMIT, START + 1800)
    stored.learn(stored.take_unsent(START + 1800), Hour(5, 3600))
    assert stored.spend(5, LIMIT, START + 1800) == (10, 3600)


def test_what_redis_did_not_answer_still_counts_here_and_is_sent_to_nobody() -> None:
    stored = StoredBytes()
    stored.spend(90, LIMIT, START)
    stored.learn(stored.take_unsent(START), None)
    assert stored.take_unsent(START).size == 0
    assert stored.spend(20, LIMIT, START)[0] == 110


def test_processes_share_an_hour_once_they_have_exchanged_their_counts(start) -> None:
    one, other, name = start(), start(), caller()
    assert spend(one, name, 80) == 80
    one.exchange.exchange()
    # Nothing is known here yet.
    assert spend(other, name, 10) == 10
    other.exchange.exchange()
    assert spend(other, name, 20) == 110
    assert spend(other, name, 10) == 100
    assert spend(one, name, 10) == 90
    for each in (other, one):
        each.exchange.exchange()
    assert spend(one, name, 1) == 111


def test_a_process_that_closes_tells_what_it_has_counted(start) -> None:
    one, other, name = start(), start(), caller()
    spend(one, name, LIMIT)
    one.close()
    spend(other, name, 1)
    other.exchange.exchange()
    assert spend(other, name, 1) == LIMIT + 2


def test_without_redis_a_process_counts_by_itself(start) -> None:
    process, name = start("redis://127.0.0.1:1/0"), caller()
    spend(process, name, 80)
    process.exchange.exchange()
    assert spend(process, name, 30) == 110


def test_a_count_in_redis_always_ends(redis_url: str) -> None:
    name, stored = caller(), StoredBytes()
    stored.spend(10, LIMIT, START)
    with Redis.from_url(redis_url) as redis:
        # As a cluster may leave it when an hour ends between two commands.
        redis.set(name, 5)
        assert send_bytes(redis, {name: stored.take_unsent(START)})[name].size == 15
        assert 0 < redis.ttl(name) <= SECONDS


def test_what_is_given_back_can_be_spent_again_and_is_not_told(start) -> None:
    one, other, name = start(), start(), caller()
    assert spend(one, name, 80) == 80
    one.give_back(name, 80)
    assert spend(one, name, 90) == 90
    one.exchange.exchange()
    spend(other, name, 1)
    other.exchange.exchange()
    assert spend(other, name, 1) == 92


def test_a_day_ends_after_a_day(redis_url: str) -> None:
    name, stored = caller(), StoredBytes(86_400)
    assert stored.spend(80, LIMIT, START) == (80, 86_400)
    assert stored.spend(30, LIMIT, START + 86_000) == (110, 400)
    with Redis.from_url(redis_url) as redis:
        send_bytes(redis, {name: stored.take_unsent(START)})
        assert SECONDS < redis.ttl(name) <= 86_400
    assert stored.spend(80, LIMIT, START + 86_400) == (80, 86_400)
