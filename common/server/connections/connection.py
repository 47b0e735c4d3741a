"""A client's connection: gunicorn's, whose parser reads from memory and never waits for the client."""

import socket
import time
from typing import Any

from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn

from common.server.connections.outgoing import OutgoingSocket
from common.server.connections.request_reader import RequestReader, Stage
from common.server.limits import BODY_SECONDS, HEAD_SECONDS, PAUSE_SECONDS


class ReceivedBytes:
    """A socket to gunicorn's parser: one request's bytes, then the end of the stream."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._size = len(data)

    def __len__(self) -> int:
        return self._size

    def release(self) -> None:
        """Keep none of them any longer."""
        self._data = memoryview(b"")

    def recv(self, size: int) -> bytes:
        piece, self._data = bytes(self._data[:size]), self._data[size:]
        return piece


class Connection(TConn):
    """A connection, the request that is arriving on it, and when that has to be there."""

    def __init__(self, cfg: Config, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, OutgoingSocket(sock), client, server)
        self.reader = RequestReader(0)
        self._received = ReceivedBytes(b"")
        self.deadline = self.body_deadline = 0.0
        self.is_registered = self.is_lingering = self.is_flushing = False
        self.discarded = 0
        # Whose request it is, and since when a thread answers it.
        self.caller = ""
        self.began_at = 0.0
        # Given to a thread only with a whole request: there is nothing to wait for.
        self.initialized = self.data_ready = True

    @property
    def is_truncated(self) -> bool:
        """Whether more of the request may come that will not be read."""
        return self.reader.stage is not Stage.COMPLETE

    def begin_request(self, largest_body: int) -> None:
        """Expect a request, whose first bytes may have come with the last one."""
        self.reader = self.sock.request = RequestReader(largest_body, self.reader.rest)
        self.restart_deadline()

    def restart_deadline(self) -> None:
        """Give the head of the request its time from now on."""
        self.deadline = time.monotonic() + HEAD_SECONDS

    def parse_request(self) -> None:
        """Have gunicorn's parser read what has arrived. A new one has nothing left of the last."""
        self._received = ReceivedBytes(self.reader.take())
        self.parser = RequestParser(self.cfg, self._received, self.client)

    def release_request(self) -> int:
        """Keep nothing of the request that has been answered; its size in bytes.

        What failed in answering it may refer to it until the next search for unreachable cycles.
        """
        self._received.release()
        return len(self._received)

    def receive(self, data: bytes) -> None:
        """Add to the request; a body has longer than a head, while it keeps coming."""
        stage, now = self.reader.stage, time.monotonic()
        self.reader.feed(data)
        if self.reader.stage is Stage.BODY:
            if stage is not Stage.BODY:
                self.body_deadline = now + BODY_SECONDS
            self.deadline = min(self.body_deadline, now + PAUSE_SECONDS)
