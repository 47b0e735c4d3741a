"""A server that is stopped answers everybody who has connected, and refuses whoever comes later."""

import signal
import socket
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

import psutil
import pytest

from tests.waiting import eventually

REQUEST = b"POST /api/auth/refresh/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def server(serve):
    return serve(workers=1)


def connect(server):
    address = urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=20)
    return closing(connection)


def read_all(connection):
    received = b""
    while data := connection.recv(65536):
        received += data
    return received


def is_refused(server):
    try:
        with connect(server):
            return False
    except ConnectionRefusedError:
        return True


def test_a_request_that_comes_on_a_connection_of_before_is_answered(server):
    with connect(server) as early:
        server.process.send_signal(signal.SIGTERM)
        # The worker has heard it, and looks for connections to be ended.
        eventually(lambda: is_refused(server))
        early.sendall(REQUEST)
        answer = read_all(early)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" in answer.lower()


def test_connections_that_no_worker_has_accepted_yet_are_answered(server):
    (worker,) = psutil.Process(server.process.pid).children()
    worker.suspend()
    with ExitStack() as connections:
        waiting = [connections.enter_context(connect(server)) for _ in range(20)]
        for connection in waiting:
            connection.sendall(REQUEST)
        server.process.send_signal(signal.SIGTERM)
        # The signal reaches the worker before it goes on.
        eventually(lambda: worker.status() == psutil.STATUS_STOPPED)
        worker.resume()
        answers = [read_all(connection) for connection in waiting]
    assert [answer[:12] for answer in answers] == [b"HTTP/1.1 401"] * 20
    assert server.process.wait(timeout=40) == 0
