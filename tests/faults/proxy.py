"""A TCP proxy between the service and what it stands on, with the faults of a network."""

import socket
import threading
import time
from contextlib import suppress


class Proxy:
    """Forwards 127.0.0.1:`port` to `target`, unless a fault is set."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._flowing = threading.Event()
        self._delay = 0.0
        self._links: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heal()
        self._listen()

    def swallow(self) -> None:
        """Let nothing arrive any more, in either direction. Peers see an open connection."""
        self._flowing.clear()

    def delay(self, seconds: float) -> None:
        """Deliver everything late, in either direction."""
        self._delay = seconds

    def cut(self) -> None:
        """Break every open connection."""
        while self._links:
            for end in self._links.pop():
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def refuse(self) -> None:
        """Break every connection and take no new one."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def heal(self) -> None:
        """Forward as before. What was swallowed arrives after all, as TCP sends it again."""
        self._delay = 0.0
        self._flowing.set()
        if self._listener.fileno() < 0:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._listen()

    def close(self) -> None:
        self.heal()
        self.refuse()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._link, args=[near], daemon=True).start()

    def _link(self, near: socket.socket) -> None:
        self._flowing.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            near.close()
            return
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._links.append((near, far))
        if self._listener.fileno() < 0:
            # Taken just before the way was closed.
            self.cut()
        back = threading.Thread(target=self._pump, args=[far, near], daemon=True)
        back.start()
        self._pump(near, far)
        back.join()
        with suppress(ValueError):
            self._links.remove((near, far))
        near.close()
        far.close()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                time.sleep(self._delay)
                sink.sendall(data)
        self._flowing.wait()
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
