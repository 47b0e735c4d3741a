"""The same bytes have the same answer, however they are split into packets."""

import json
import socket
import time
from urllib.parse import urlsplit

import pytest

from common.server.limits import MOST_SMALL_CHUNKS
from tests.factories import auth_header, make_tutor

CONTENT = json.dumps({"tutor_profile": {"headline": "in chunks", "bio": "b" * 1900}}).encode()
SMALL = b"".join(b"1\r\n%c\r\n" % each for each in CONTENT)
FEW = b"%x\r\n%s\r\n" % (len(CONTENT), CONTENT)
BODIES = {
    "some chunks": (200, FEW + b"0\r\n\r\n"),
    "very many small chunks": (400, SMALL + b"0\r\n\r\n"),
    "a trailer of very many lines": (
        400,
        FEW + b"0\r\n" + b"a: b\r\n" * MOST_SMALL_CHUNKS + b"\r\n",
    ),
    "a size of very many digits": (400, b"0" * 20 + FEW + b"0\r\n\r\n"),
    "a long chunk line": (
        400,
        FEW.replace(b"\r\n", b";a=" + b"a" * 8190 + b"\r\n", 1) + b"0\r\n\r\n",
    ),
}


@pytest.mark.parametrize("pieces", [1, 2, 7])
@pytest.mark.parametrize(("status", "body"), BODIES.values(), ids=BODIES)
def test_a_chunked_body_is_taken_or_refused_alike(app, live_server, status, body, pieces):
    head = b"PATCH /api/me/profile/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    head += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nAuthorization: "
    data = head + auth_header(make_tutor())["Authorization"].encode() + b"\r\n\r\n" + body
    address = urlsplit(live_server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size):
            connection.sendall(data[start : start + size])
            # So that they are read apart; where they are not, the answer must be the same anyway.
            time.sleep(0.03)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert int(received.split()[1]) == status
