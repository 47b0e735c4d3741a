"""What the benchmark's clients send."""

import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.benchmarks.clients import client
from tests.benchmarks.clients.client import (
    Call,
    Connected,
    Load,
    each_at_once,
    each_once,
    replay,
    replay_from_here,
    replay_some,
)
from tests.benchmarks.clients.mixed import SAVES_PER_SECOND, SteadySaves
from tests.waiting import eventually


@pytest.fixture
def seen():
    """What the server below was asked."""
    return Counter()


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that hang up in mid-call, as a load does when its time is over."""

    def handle_error(self, request, client_address):
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@pytest.fixture
def server(seen):
    """The address of a server that refuses what is below /no."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            seen[self.command, self.path, self.headers.get("X-Asked", ""), body] += 1
            answer = json.dumps({"path": self.path}).encode()
            self.send_response(404 if self.path.startswith("/no") else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET

        def log_message(self, *arguments):
            """Say nothing."""

    server = QuietServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(("send", "seconds"), [(replay, 1), (replay_from_here, 0.3)])
def test_a_client_sends_every_call_in_turn(server, seen, send, seconds):
    calls = [
        Call("/one?a=b%20c", headers={"X-Asked": "first"}),
        Call("/two", "POST", {"X-Asked": "second"}, '{"a": 1}'),
    ]
    load = send(server, calls, seconds, 2)
    first = seen["GET", "/one?a=b%20c", "first", ""]
    second = seen["POST", "/two", "second", '{"a": 1}']
    assert first + second == sum(seen.values()) >= load.requests > 0
    # Both connections may have been at the same call when time was up.
    assert abs(first - second) <= 3
    assert load.errors == 0
    assert 0 < load.p50 <= load.p99


@pytest.mark.parametrize(("send", "seconds"), [(replay, 1), (replay_from_here, 0.3)])
def test_a_client_counts_what_is_refused(server, send, seconds):
    load = send(server, [Call("/no")], seconds, 1)
    assert load.errors == load.requests > 0


def test_calls_are_sent_a_given_number_of_times(server, seen):
    assert list(each_once(server, [Call("/a"), Call("/no")], 3)) == [200, 404, 200]
    assert sum(seen.values()) == 3


def test_calls_are_sent_a_given_number_of_times_over_several_connections(server, seen):
    assert sorted(each_at_once(server, [Call("/a"), Call("/no")], 5, 3)) == [
        200,
        200,
        200,
        404,
        404,
    ]
    assert sum(seen.values()) == 5


@pytest.mark.parametrize("is_installed", [True, False])
def test_as_many_calls_as_wanted_are_answered_as_by_a_load(server, seen, monkeypatch, is_installed):
    monkeypatch.setattr(client, "SECONDS_OF_SOME", 1)
    if not is_installed:
        monkeypatch.setattr(client, "has_wrk", lambda: False)
    calls = [Call(f"/{number}") for number in range(100)]
    answered, sent = replay_some(server, calls, 30, 2)
    assert answered >= 30
    assert set(seen) <= {("GET", call.path, "", "") for call in calls[:sent]}
    assert max(seen.values()) == 1


def test_a_server_that_answers_nothing_ends_the_load(monkeypatch):
    monkeypatch.setattr(client, "has_wrk", lambda: True)
    monkeypatch.setattr(client, "replay_with_wrk", lambda *arguments: Load(0, 1.0, 0.0, 0.0, 0))
    with pytest.raises(RuntimeError, match="no answer .* to /a"):
        replay_some("", [Call("/a")], 1, 1)


def test_saves_go_on_at_their_rate_and_from_where_they_were(server, seen):
    saves = SteadySaves(server, [Call(f"/{number}", "POST") for number in range(1000)])
    began = time.monotonic()
    with saves:
        eventually(lambda: saves.sent > 3)
    sent = saves.sent
    # However long that took on a busy machine, it was no quicker than the rate allows.
    assert sent <= 1 + SAVES_PER_SECOND * (time.monotonic() - began)
    with saves:
        eventually(lambda: saves.sent > sent)
    assert saves.failed == 0
    assert set(seen.values()) == {1}
    with SteadySaves(server, [Call("/no", "POST")]) as refused:
        eventually(lambda: refused.sent)
    assert refused.failed == refused.sent > 0


def test_a_connection_gives_the_whole_answer(server):
    with Connected(server) as connection:
        status, headers, body = connection.answer(Call("/a"))
    assert (status, json.loads(body)) == (200, {"path": "/a"})
    assert headers["Content-Length"] == str(len(body))
