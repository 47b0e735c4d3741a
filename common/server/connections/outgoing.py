"""A client's socket whose answers wait in memory, not in a thread, while the client does not read."""

import errno
import select
from socket import MSG_DONTWAIT, socket
from typing import Any

from common.server.connections.request_reader import RequestReader
from common.server.limits import MOST_PENDING_BYTES, SEND_SECONDS


class OutgoingSocket:
    """A socket to gunicorn. It is used by one thread at a time, as gunicorn uses sockets.

    `request` is what it is answering, for answers that no view gives.
    """

    def __init__(self, sock: socket) -> None:
        self._sock = sock
        sock.setblocking(False)
        self._pending = bytearray()
        # Whether the answer is to wait until it is flushed.
        self.is_held = self._is_gathering = False
        self.request: RequestReader | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def __len__(self) -> int:
        return len(self._pending)

    def __bool__(self) -> bool:
        return True

    def hold(self) -> None:
        """Have the answer wait before it is sent; called by the application while it answers."""
        self.is_held = True

    def setblocking(self, flag: bool) -> None:
        """Called by gunicorn around each answer. Nothing here waits for the client, whatever it says."""

    def fileno(self) -> int:
        return self._sock.fileno()

    def gather(self) -> None:
        """Have the next piece, an answer's head, leave together with what follows it."""
        self._is_gathering = True

    def sendall(self, data: bytes) -> None:
        """Send what the client takes at once, and keep the rest in memory. Raises OSError.

        What is rendered whole is in memory anyway, so it never waits for the client. The next piece
        of a streamed answer does, in the thread that makes it.
        """
        while len(self._pending) > MOST_PENDING_BYTES and not self.flush():
            self._wait()
        is_first, self._is_gathering = self._is_gathering, False
        if self._pending or self.is_held or is_first:
            self._pending += data
            if not (self.is_held or is_first):
                self.flush()
        else:
            sent = self._send(data)
            if sent < len(data):
                self._pending += memoryview(data)[sent:]

    def flush(self) -> bool:
        """Send what the client takes without waiting; whether all has been sent. Raises OSError."""
        while self._pending:
            sent = self._send(self._pending)
            if not sent:
                return False
            del self._pending[:sent]
        return True

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return self._sock.send(data, MSG_DONTWAIT)
        except BlockingIOError:
            return 0

    def _wait(self) -> None:
        poll = select.poll()
        poll.register(self._sock, select.POLLOUT)
        if not poll.poll(SEND_SECONDS * 1000):
            # As the kernel calls a peer that has stopped to answer.
            raise OSError(errno.EPIPE, "the client does not read its answer")
