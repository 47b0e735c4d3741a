"""Bodies that end before their declared length: such a request is incomplete (RFC 9112 §8)."""

import json
import socket
import struct
from urllib.parse import urlsplit

import pytest
import requests

from common.server.limits import LARGEST_BODY
from tests.factories import auth_header, make_tutor
from tests.raw_bytes.endpoints import contents

# Each is whole JSON, which its operation would accept.
WRITES = [
    ("PATCH", "/api/me/profile/", {"tutor_profile": {"headline": "cut off"}}),
    ("POST", "/api/me/activity/events/", {"events": [{"action": "cut.off"}]}),
    ("POST", "/api/me/activity/trigger/", {"action": "cut.off"}),
    ("POST", "/api/auth/logout/", {}),
]
CHUNKED = "Transfer-Encoding: chunked"


def framed(declared, content):
    """How the body is announced, and as much as comes of it."""
    if declared == CHUNKED:
        return CHUNKED, b"%x\r\n%s\r\n" % (len(content), content)
    return f"Content-Length: {len(content) + declared}", content


def shut_down(connection):
    connection.shutdown(socket.SHUT_WR)


def close(connection):
    connection.close()


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.fixture
def send(app, live_server, settings):
    """Sends a request up to where its client leaves; nothing has changed afterwards."""
    authorization = auth_header(make_tutor())["Authorization"]
    before = contents(settings["DATABASE_URL"])
    address = urlsplit(live_server.url)

    def send(method, path, content, declared, pipelined=b""):
        announced, body = framed(declared, json.dumps(content).encode())
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: {authorization}"]
        lines += ["Content-Type: application/json", announced, "", ""]
        connection = socket.create_connection((address.hostname, address.port), timeout=30)
        connection.sendall(pipelined + "\r\n".join(lines).encode() + body)
        return connection

    yield send
    # Answered after what has come before, by every worker.
    for _ in range(20):
        assert requests.get(f"{live_server.url}/healthz", timeout=20).status_code == 200
    assert contents(settings["DATABASE_URL"]) == before


def read(connection):
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


@pytest.mark.parametrize("declared", [1, 900_000, LARGEST_BODY - 1000, CHUNKED])
@pytest.mark.parametrize(("method", "path", "content"), WRITES)
def test_a_client_that_sends_no_more_is_told_so(send, method, path, content, declared):
    with send(method, path, content, declared) as connection:
        shut_down(connection)
        head, _, body = read(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nConnection: close" in head
    assert json.loads(body)["code"] == "malformed_request"


@pytest.mark.parametrize("leave", [close, reset])
@pytest.mark.parametrize("declared", [1, 900_000, CHUNKED])
@pytest.mark.parametrize(("method", "path", "content"), WRITES)
def test_what_a_client_that_leaves_has_sent_is_not_acted_on(
    send, method, path, content, declared, leave
):
    leave(send(method, path, content, declared))


def test_nor_where_it_comes_behind_another_request(send):
    good = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with send(*WRITES[0], 900_000, good) as connection:
        shut_down(connection)
        received = read(connection)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 400 Bad Request" in received
