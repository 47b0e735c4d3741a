"""Connections that are kept alive, spread over the workers of a gunicorn."""

import gc
import signal
import socket
import time
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import psutil
import pytest

from common.server.balancing.connection_counts import SLOTS, ConnectionCounts

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Worker:
    """Something that a slot can be reserved for."""


def counts_of(*connections):
    """Workers with so many connections, or None: they accept no more."""
    counts, workers = ConnectionCounts(), [Worker() for _ in connections]
    for worker, number in zip(workers, connections, strict=True):
        counts.publish(counts.reserve(worker), number)
    return counts, workers


@pytest.mark.parametrize(
    ("connections", "least"),
    [([], None), ([None], None), ([4], 4), ([4, None, 2, 9], 2), ([0, 1], 0)],
)
def test_the_least_is_that_of_workers_who_accept(connections, least):
    counts, _workers = counts_of(*connections)
    assert counts.least() == least


@pytest.mark.parametrize(
    ("connections", "excess"),
    [
        ([20, 0], 10),
        ([7, 7, 6, 0], 2),
        ([3, 2, 2, 1], 1),
        ([5, 5], 0),
        ([5, 4], 0),
        ([5], 0),
        ([5, None], 0),
        ([0, 20], 0),
        ([52, 48], 0),
        ([60, 40], 10),
    ],
)
def test_what_is_beyond_a_workers_share_is_worth_a_change_if_another_has_far_fewer(
    connections, excess
):
    counts, _workers = counts_of(*connections)
    assert counts.excess(connections[0]) == excess


def test_a_worker_that_is_gone_counts_no_more_and_its_slot_serves_another():
    counts, workers = counts_of(*[1] * SLOTS)
    assert counts.reserve(Worker()) is None, "all are taken"
    del workers[0]
    gc.collect()
    assert counts.reserve(workers[0]) is not None


class Clients:
    """Clients that keep their connections, and make new ones in place of those that end."""

    def __init__(self, url, number, stack):
        address = urlsplit(url)
        self._address, self._stack = (address.hostname, address.port), stack
        self._connections = [self._connect() for _ in range(number)]

    def _connect(self):
        connection = socket.create_connection(self._address, timeout=30)
        return self._stack.enter_context(connection)

    def call_all(self):
        """One request on each connection, all of which are answered."""
        for index, connection in enumerate(self._connections):
            answer = call(connection)
            assert not answer or answer.startswith(b"HTTP/1.1 200")
            if not answer or b"Connection: close" in answer:
                connection.close()
                self._connections[index] = self._connect()


def call(connection):
    """The answer to a request, or nothing where the connection has ended."""
    answer = b""
    with suppress(ConnectionError):
        connection.sendall(REQUEST)
        while not answer.endswith(b"}") and (piece := connection.recv(65536)):
            answer += piece
    return answer


@pytest.fixture
def clients(serve):
    """Of a gunicorn of four workers, which is returned as well."""
    server = serve(workers=4)
    with ExitStack() as stack:
        yield lambda number: Clients(server.url, number, stack), server


def connections_of_workers(server):
    workers = psutil.Process(server.process.pid).children()
    return sorted(
        sum(each.status == psutil.CONN_ESTABLISHED for each in worker.net_connections("tcp4"))
        - own_connections(worker)
        for worker in workers
    )


def own_connections(worker):
    """Those a worker has made itself, to PostgreSQL and Redis."""
    listening = {each.laddr for each in worker.net_connections("tcp4") if each.status == "LISTEN"}
    return sum(
        each.status == psutil.CONN_ESTABLISHED and each.laddr not in listening
        for each in worker.net_connections("tcp4")
    )


def call_until_even(made, server, number, difference):
    """Go on calling until the workers' numbers of connections differ no more than that."""
    deadline = time.monotonic() + 60
    while True:
        made.call_all()
        found = connections_of_workers(server)
        if len(found) == 4 and sum(found) == number and found[-1] - found[0] <= difference:
            return
        assert time.monotonic() < deadline, found


@pytest.mark.parametrize(("number", "difference"), [(8, 1), (20, 2), (60, 4)])
def test_connections_that_are_kept_are_spread_over_all_workers(clients, number, difference):
    make, server = clients
    call_until_even(make(number), server, number, difference)


def test_a_new_worker_gets_its_share_of_those_of_a_killed_one(clients):
    make, server = clients
    made = make(20)
    call_until_even(made, server, 20, 2)
    psutil.Process(server.process.pid).children()[0].kill()
    call_until_even(made, server, 20, 2)


def test_connections_that_a_stopped_worker_does_not_take_are_taken_by_others(clients):
    make, server = clients
    made = make(8)
    call_until_even(made, server, 8, 1)
    stopped = psutil.Process(server.process.pid).children()[0]
    stopped.send_signal(signal.SIGSTOP)
    try:
        make(12).call_all()
    finally:
        stopped.send_signal(signal.SIGCONT)
