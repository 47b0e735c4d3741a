"""Whatever is refused, and whenever it comes on its connection, the worker goes on."""

import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from common.server.limits import LARGEST_BODY, MOST_BUFFERED_BYTES, SMALL_BODY
from tests.common.server.faulty_worker import FAULT
from tests.faults.deployment import workers_of
from tests.live_server import WORKER_OPTIONS, LiveServer
from tests.waiting import eventually

HOST = b"Host: localhost\r\n"
GOOD = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"


def get(headers=b"", target=b"/healthz"):
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n"


def post(headers, body=b""):
    return b"POST /api/auth/login/ HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked\r\n"
LARGE = SMALL_BODY * 2
# Its status, and the request.
REFUSALS = {
    "a length and chunks": (400, post(b"Content-Length: 5\r\n" + CHUNKED, b"0\r\n\r\n")),
    "two hosts": (400, get(b"Host: other\r\n")),
    "a space before the colon": (400, get(b"X-Odd : 1\r\n")),
    "a bare line feed": (400, get(b"X-Odd: 1\nX-Odder: 2\r\n")),
    "a chunk size that is none": (400, post(CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n")),
    "a long address": (414, get(target=b"/?a=" + b"a" * 9000)),
    "an unknown expectation": (417, get(b"Expect: the-unexpected\r\n")),
    "too many headers": (431, get(b"".join(b"X-%d: 1\r\n" % n for n in range(200)))),
    "a head beyond what is read": (431, get(b"X-Long: " + b"a" * 70_000 + b"\r\n")),
    "such a head without an end": (431, get(b"X-Long: " + b"a" * 70_000)[:-2]),
    "a coded body": (501, post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n")),
    "a coding of a GET": (501, get(b"Transfer-Encoding: gzip, chunked\r\n") + b"0\r\n\r\n"),
}
HALF_A_HEAD = GOOD[:-2]
HALF_A_BODY = post(b"Content-Length: 100\r\n", b"x" * 50)


@pytest.fixture(scope="module")
def server(module_serve):
    return module_serve(workers=1)


@pytest.fixture
def worker(server):
    """The only one, which is still there afterwards and has met no fault of its own."""
    (worker,) = workers_of(server)
    yield worker
    with opened(server) as connection:
        connection.sendall(get(b"Connection: close\r\n"))
        assert statuses(connection) == [200]
    assert [each.pid for each in workers_of(server)] == [worker.pid]
    assert "could not be served" not in server.log.read_text()


def opened(server):
    address = urlsplit(server.url)
    return socket.create_connection((address.hostname, address.port), timeout=30)


def statuses(connection):
    """Of all answers until the server closes the connection."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return [int(each[:3]) for each in received.split(b"HTTP/1.1 ")[1:]]


def at_once(server, worker, data):
    """It has all come by the time the connection is accepted."""
    worker.suspend()
    try:
        connection = opened(server)
        connection.sendall(data)
    finally:
        worker.resume()
    return connection


def after_a_pause(server, worker, data):
    connection = opened(server)
    # So that the server has taken the connection, and read nothing on it. Otherwise as `at once`.
    time.sleep(0.1)
    connection.sendall(data)
    return connection


def pipelined(server, worker, data):
    return at_once(server, worker, GOOD + data)


def kept_alive(server, worker, data):
    connection = opened(server)
    connection.sendall(GOOD)
    assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    connection.sendall(data)
    return connection


# How it comes, and what is answered before.
ORDERS = [(at_once, []), (after_a_pause, []), (pipelined, [200]), (kept_alive, [])]


@pytest.mark.parametrize(("come", "before"), ORDERS)
@pytest.mark.parametrize(("status", "data"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_answered_and_costs_nothing_but_its_connection(
    server, worker, status, data, come, before
):
    with come(server, worker, data) as connection:
        assert statuses(connection) == [*before, status]


def is_refused_for_want_of_memory(server, data):
    """Whether the worker has read what fills it by now."""
    with opened(server) as connection:
        connection.settimeout(1)
        connection.sendall(data)
        try:
            return connection.recv(65536).startswith(b"HTTP/1.1 503 ")
        except TimeoutError:
            return False


@pytest.mark.parametrize(("come", "before"), ORDERS)
def test_a_body_for_which_there_is_no_memory_is_refused_likewise(server, worker, come, before):
    almost_all = post(b"Content-Length: %d\r\n" % LARGEST_BODY, b"x" * (LARGEST_BODY - 1))
    with ExitStack() as stack:
        for _ in range(MOST_BUFFERED_BYTES // LARGEST_BODY + 1):
            stack.enter_context(opened(server)).sendall(almost_all)
        data = post(b"Content-Length: %d\r\n" % (2 * LARGE), b"x" * LARGE)
        eventually(lambda: is_refused_for_want_of_memory(server, data))
        with come(server, worker, data) as connection:
            assert statuses(connection) == [*before, 503]


@pytest.mark.slow
@pytest.mark.parametrize("data", [HALF_A_HEAD, HALF_A_BODY])
def test_a_request_that_does_not_arrive_in_time_is_refused_likewise(server, worker, data):
    with ExitStack() as stack:
        connections = [come(server, worker, data) for come, _ in ORDERS]
        for connection in connections:
            stack.enter_context(connection)
        found = [statuses(connection) for connection in connections]
        assert found == [[*before, 408] for _, before in ORDERS]


@pytest.mark.parametrize(("come", "before"), ORDERS)
def test_a_fault_of_the_loop_about_one_connection_ends_that_one_only(
    settings, tmp_path, come, before
):
    worker_class = "--worker-class=tests.common.server.faulty_worker.FaultyWorker"
    options = (worker_class, *WORKER_OPTIONS[1:])
    server = LiveServer(settings, 1, 1, tmp_path / "log", options=options)
    try:
        (worker,) = workers_of(server)
        with opened(server) as other:
            with come(server, worker, get(FAULT)) as connection:
                assert statuses(connection) == before
            other.sendall(GOOD)
            assert other.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert [each.pid for each in workers_of(server)] == [worker.pid]
    finally:
        server.stop()
    (line,) = [each for each in server.log.read_text().splitlines() if "could not be" in each]
    assert "KeyError" in line and "_submit" in line
    assert "secret-value" not in line
