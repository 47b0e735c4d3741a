"""The threads that answer: what becomes of the process when it has nothing to answer with."""

import socket
import threading
import time
from collections import Counter

import psutil
import pytest
import requests

from common.server.threads.answering import RequestThreads
from tests.live_server import LiveServer
from tests.waiting import eventually


def test_a_process_whose_application_does_not_start_ends(settings, tmp_path):
    with pytest.raises(RuntimeError, match="does not start"):
        LiveServer(
            settings,
            1,
            4,
            tmp_path / "log",
            application="tests.common.server.absent:app",
        )


class Worker:
    """Stands in for gunicorn's: fails at some connections."""

    def __init__(self):
        self.method_queue = self
        self.finished = []
        self.done = threading.Event()

    def handle(self, connection):
        if connection == "fails":
            raise SystemExit(1)
        return connection == "kept"

    def finish_request(self, connection, is_kept):
        raise AssertionError("it is the loop's to call")

    def defer(self, callback, connection, is_kept):
        assert callback == self.finish_request
        self.finished.append((connection, is_kept))
        if len(self.finished) == 4:
            self.done.set()


def test_what_has_been_put_is_answered_before_the_threads_end():
    worker = Worker()
    before = threading.active_count()
    threads = RequestThreads(worker, 1)
    for connection in ("fails", "kept", "ended", "kept"):
        threads.put(connection)
    threads.shutdown(wait=False)
    threads.start()
    assert worker.done.wait(30)
    assert worker.finished == [
        ("fails", False),
        ("kept", True),
        ("ended", False),
        ("kept", True),
    ]
    for thread in [each for each in threading.enumerate() if each.name == "request"]:
        thread.join(30)
    assert threading.active_count() == before


def test_each_of_many_requests_put_by_turns_is_answered_once():
    class Counting(Worker):
        def __init__(self):
            super().__init__()
            self.answered = Counter()
            self.threads = set()

        def handle(self, connection):
            self.answered[connection] += 1
            self.threads.add(threading.get_ident())
            return True

        def defer(self, callback, connection, is_kept):
            if len(self.answered) == 3000:
                self.done.set()

    worker = Counting()
    threads = RequestThreads(worker, 3)
    threads.start()
    for number in range(3000):
        threads.put(number)
        if not number % 7:
            # Now and then all threads have come to wait.
            time.sleep(0.0005)
    assert worker.done.wait(30)
    threads.shutdown(wait=False)
    for thread in [each for each in threading.enumerate() if each.name == "request"]:
        thread.join(30)
    assert set(worker.answered.values()) == {1}
    assert len(worker.threads) <= 3


def test_threads_end_when_a_signal_came_between_choosing_one_and_giving_it_its_request():
    threads = RequestThreads(Worker(), 2)
    before = threading.active_count()
    threads.start()
    eventually(lambda: len(threads._idle) == 2)
    with threads._lock:
        # As in the handler of a signal that has come in the middle of `put`.
        threads._idle.pop()
        threads.shutdown(wait=False)
    for thread in [each for each in threading.enumerate() if each.name == "request"]:
        thread.join(30)
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("path", "body"),
    [("/nowhere/", b"z" * 5_900_000), ("/api/auth/register/", b'{"a": "' + b"z" * 900_000 + b'"}')],
    ids=["not read", "read and refused"],
)
def test_refused_bodies_are_not_kept(settings, tmp_path, path, body):
    # Of its own: several workers end connections to share them evenly, which others' tests would see.
    server = LiveServer(settings, 1, 4, tmp_path / "log")
    try:
        [worker] = psutil.Process(server.process.pid).children()

        def send(number):
            for _ in range(number):
                answer = requests.post(
                    f"{server.url}{path}",
                    data=body,
                    headers={"Content-Type": "application/json"},
                    timeout=30,
                )
                assert 400 <= answer.status_code < 500

        send(16)
        before = worker.memory_info().rss
        send(60)
        growth = worker.memory_info().rss - before
    finally:
        server.stop()
    # All of them would be 350 or 54 million bytes, and what is made of the latter as much again.
    assert growth < 20e6


def test_a_head_and_a_body_come_as_one_piece(live_server):
    address = live_server.url.rpartition("/")[2].split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=30) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65536).endswith(b'{"status":"ok"}')
        connection.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65536).endswith(b"\r\n\r\n"), "and a head alone comes as well"
