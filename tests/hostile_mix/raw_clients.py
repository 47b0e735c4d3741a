"""Hostile clients below HTTP's usual ways: floods of chunks, and readers who take a byte a second."""

import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

LONGEST_WAIT_SECONDS = 60
CHUNKS = b"1\r\nx\r\n" * 5_000
# An answer waits in the server's memory and not in the kernel's.
RECEIVE_BUFFER = 4_096
# An export, and pages of a log full of large events: hundreds of kilobytes and more.
LARGE_ANSWERS = ("/api/me/export/", "/api/me/activity/?page_size=100")
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@contextmanager
def connection(url: str, address: str) -> Iterator[socket.socket]:
    """A connection to the server from one of this machine's addresses."""
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        opened.settimeout(LONGEST_WAIT_SECONDS)
        opened.bind((address, 0))
        opened.connect((host, int(port)))
        yield opened


def send_chunks(url: str, address: str) -> str:
    """A body of five thousand chunks of one byte each; the status it is answered with.

    Raises OSError.
    """
    with connection(url, address) as opened:
        head = b"POST /api/activity/events/ HTTP/1.1\r\nHost: localhost\r\n"
        head += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        opened.sendall(head + CHUNKS + b"0\r\n\r\n")
        return _status(opened)[0]


def read_slowly(
    url: str, address: str, path: str, headers: Mapping[str, str], is_over: Callable[[float], bool]
) -> str:
    """Read an answer byte by byte, for as long as the server goes on; the status of its first line.

    `is_over` waits for some seconds and tells whether to stop. Raises OSError.
    """
    with connection(url, address) as opened:
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        opened.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
        status, may_retry = _status(opened)
        if status != "200":
            return status if may_retry or status < "500" else f"{status} without Retry-After"
        while not is_over(1):
            try:
                if not opened.recv(1):
                    break
            except OSError:
                # Given up by the server, which has better things to do.
                break
        return status


def _status(opened: socket.socket) -> tuple[str, bool]:
    """The status of an answer, and whether its head says when to come again. Raises OSError."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < 16_384:
        received = opened.recv(1_024)
        if not received:
            break
        head += received
    found = STATUS.match(head)
    return found[1].decode() if found else "no answer", b"\r\nretry-after:" in head.lower()
