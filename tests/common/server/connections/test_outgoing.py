"""Answers that wait in memory until their client reads them."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.server.connections.outgoing import OutgoingSocket
from common.server.limits import MOST_PENDING_BYTES


def read_all(reader, sock, expected):
    received = b""
    while len(received) < expected:
        sock.flush()
        received += reader.recv(65536)
    return received


@given(st.lists(st.binary(min_size=1, max_size=50_000), min_size=1, max_size=12))
def test_a_client_that_reads_late_reads_all_in_order(pieces):
    writer, reader = socket.socketpair()
    with writer, reader:
        sock = OutgoingSocket(writer)
        for piece in pieces * 3:
            sock.sendall(piece)
        whole = b"".join(pieces * 3)
        assert read_all(reader, sock, len(whole)) == whole
        assert sock.flush()
        assert len(sock) == 0


def test_an_answer_in_one_piece_needs_no_reader():
    writer, reader = socket.socketpair()
    with writer, reader:
        sock = OutgoingSocket(writer)
        sock.gather()
        sock.sendall(b"head")
        sock.sendall(b"x" * (4 * MOST_PENDING_BYTES))
        assert len(sock) > 3 * MOST_PENDING_BYTES
        assert not sock.flush()


def test_the_next_piece_of_a_long_one_waits_for_a_reader_and_not_for_ever(monkeypatch):
    monkeypatch.setattr("common.server.connections.outgoing.SEND_SECONDS", 0.01)
    writer, reader = socket.socketpair()
    with writer, reader:
        sock = OutgoingSocket(writer)
        sock.sendall(b"x" * (2 * MOST_PENDING_BYTES))
        with pytest.raises(BrokenPipeError):
            sock.sendall(b"x")


def test_a_client_that_has_left_is_an_error():
    writer, reader = socket.socketpair()
    reader.close()
    with writer, pytest.raises(OSError):
        OutgoingSocket(writer).sendall(b"x")


def received(reader):
    """What has been sent so far."""
    reader.setblocking(False)
    try:
        return reader.recv(65536)
    except BlockingIOError:
        return b""


def test_the_head_of_an_answer_leaves_with_its_body():
    writer, reader = socket.socketpair()
    with writer, reader:
        sock = OutgoingSocket(writer)
        sock.gather()
        sock.sendall(b"head")
        assert received(reader) == b""
        sock.sendall(b"body")
        assert received(reader) == b"headbody"
        sock.sendall(b"more")
        assert received(reader) == b"more", "what is streamed waits for nothing"


def test_a_head_without_a_body_leaves_when_it_is_flushed():
    writer, reader = socket.socketpair()
    with writer, reader:
        sock = OutgoingSocket(writer)
        sock.gather()
        sock.sendall(b"head")
        assert sock.flush()
        assert received(reader) == b"head"


def test_a_held_answer_waits_in_whole():
    writer, reader = socket.socketpair()
    with writer, reader:
        sock = OutgoingSocket(writer)
        sock.gather()
        sock.hold()
        sock.sendall(b"head")
        sock.sendall(b"body")
        assert received(reader) == b""
        assert sock.flush()
        assert received(reader) == b"headbody"
