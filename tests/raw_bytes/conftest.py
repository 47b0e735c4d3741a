"""The real server over a socket."""

import socket
from urllib.parse import urlsplit

import pytest


def read(answer):
    """Its status, its headers and its body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
    return int(line.split()[0]), headers, body


@pytest.fixture
def half_closed(live_server):
    """Sends bytes and no more behind them; the last of so many answers."""
    address = urlsplit(live_server.url)

    def send(data, answers=1):
        with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while piece := connection.recv(65536):
                received += piece
        _, *found = received.split(b"HTTP/1.1 ")
        assert len(found) == answers, received
        return read(found[-1])

    return send
