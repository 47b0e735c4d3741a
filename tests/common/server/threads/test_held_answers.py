"""Refusals of a caller who does not stop: they wait, and nobody else waits with them."""

import signal
import socket
from urllib.parse import urlsplit

import pytest

from common.http.limits.repeated_refusals import AT_ONCE
from common.server.threads.held_answers import HOLD_SECONDS, MOST_HELD, HeldAnswers

(ALLOWED,) = (rate.amount for rate in AT_ONCE)
LIMITED = b"POST /api/activity/events/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def server(serve):
    """One thread, which a waiting answer must not occupy, and a limit that is soon reached."""
    return serve(workers=1, threads=1, EVENTS_LIMIT="1/minute")


@pytest.fixture
def connect(server):
    address = urlsplit(server.url)
    made = []

    def connect():
        made.append(socket.create_connection((address.hostname, address.port), timeout=30))
        return made[-1]

    yield connect
    for each in made:
        each.close()


def status(connection):
    """The status of the next answer, which is read with its body."""
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        stream.read(length)
    return status


def refuse_many(connection):
    """Use up what is answered at once, so that the next refusal waits."""
    for number in range(ALLOWED + 1):
        connection.sendall(LIMITED)
        assert status(connection) == (429 if number else 400)


def test_a_repeated_refusal_waits_and_others_are_answered_meanwhile(connect):
    refused, other = connect(), connect()
    refuse_many(refused)
    refused.sendall(LIMITED)
    for _ in range(5):
        other.sendall(HEALTH)
        assert status(other) == 200
    refused.setblocking(False)
    with pytest.raises(BlockingIOError):
        refused.recv(1)
    refused.settimeout(30)
    assert status(refused) == 429
    # The connection goes on after it.
    refused.sendall(HEALTH)
    assert status(refused) == 200


def test_a_server_that_stops_sends_what_waits(server, connect):
    refused = connect()
    refuse_many(refused)
    refused.sendall(LIMITED)
    server.stop(signal.SIGTERM)
    assert status(refused) == 429


def test_a_client_that_left_meanwhile_harms_nobody(connect):
    refused, other = connect(), connect()
    refuse_many(refused)
    for _ in range(20):
        leaving = connect()
        leaving.sendall(LIMITED)
        leaving.close()
    refused.sendall(LIMITED)
    assert status(refused) == 429
    other.sendall(HEALTH)
    assert status(other) == 200


def test_answers_are_sent_in_the_order_of_their_times():
    held, sent = HeldAnswers(), []
    for number in range(3):
        held.add(number, lambda number=number: sent.append(number))
    assert held.seconds_to_next(0) == HOLD_SECONDS
    held.send_due(HOLD_SECONDS - 0.01)
    assert sent == []
    held.send_due(1 + HOLD_SECONDS)
    assert sent == [0, 1]
    held.send_due(float("inf"))
    assert sent == [0, 1, 2]
    assert held.seconds_to_next(0) == float("inf")


def test_only_so_many_wait():
    held = HeldAnswers()
    for _ in range(MOST_HELD):
        assert not held.is_full()
        held.add(0, lambda: None)
    assert held.is_full()
