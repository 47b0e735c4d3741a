"""The life of a thread beside the requests of a process.

It is started when it is first needed, so that each forked worker has its own, and ends with its process:
all threads of a process are asked to end at once, and waited for afterwards.
"""

import atexit
import os
import threading
import time
import weakref

END_SECONDS = 5.0
# One that stops by itself at its deadline is allowed as much to come to its end.
GRACE_SECONDS = 1.0


class BackgroundThread:
    """At most one thread at a time, which runs `_run` until it returns or was asked to end.

    `_changed` guards the state that requests and the thread share, and wakes who waits for it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._reset()
        _all.add(self)

    def _reset(self) -> None:
        """Begin without a thread, and without what it was to work on."""
        self._changed = threading.Condition()
        # When the thread has to have ended (time.monotonic), once it was asked to.
        self._deadline: float | None = None
        self._thread: threading.Thread | None = None

    def reset_in_child(self) -> None:
        """Begin anew in a forked child: neither the thread nor the work of its parent is its own."""
        self._reset()

    def _run(self) -> None:
        """What the thread does; returns soon once `_is_ending`."""
        raise NotImplementedError

    @property
    def is_running(self) -> bool:
        """Whether there is a thread in this process."""
        return self._thread is not None

    def start(self) -> None:
        """Start the thread, unless it runs."""
        if self._thread is None:
            with self._changed:
                if self._thread is None:
                    self._start()

    def close(self, seconds: float = END_SECONDS) -> None:
        """End the thread within so many seconds; it starts again when it is needed again."""
        self.request_end(seconds)
        self.await_end()

    def request_end(self, seconds: float = END_SECONDS) -> None:
        """Have the thread end within so many seconds, while the caller goes on."""
        with self._changed:
            self._deadline = time.monotonic() + seconds
            self._changed.notify_all()

    def await_end(self) -> None:
        """Wait for the thread that was asked to end; one that takes too long ends when it can."""
        with self._changed:
            thread, deadline = self._thread, self._deadline
            if thread is None:
                self._deadline = None
        if thread is not None and deadline is not None:
            thread.join(max(0.0, deadline - time.monotonic()) + GRACE_SECONDS)

    def _start(self) -> None:
        """Start the thread that does not run; the caller holds `_changed`.

        Raises RuntimeError where the system allows no further thread; the next call tries again.
        """
        thread = threading.Thread(target=self._run_once, name=self._name, daemon=True)
        thread.start()
        self._thread = thread

    def _run_once(self) -> None:
        try:
            self._run()
        finally:
            with self._changed:
                self._thread, self._deadline = None, None

    @property
    def _is_ending(self) -> bool:
        return self._deadline is not None


_all: "weakref.WeakSet[BackgroundThread]" = weakref.WeakSet()


@atexit.register
def close_all(seconds: float = END_SECONDS) -> None:
    """End the threads of a process that ends: gunicorn's workers come here on SIGTERM."""
    threads = list(_all)
    # All at once: what is away costs the process one wait and not one for each thread.
    for each in threads:
        each.request_end(seconds)
    for each in threads:
        each.await_end()


def _reset_all() -> None:
    for each in list(_all):
        each.reset_in_child()


os.register_at_fork(after_in_child=_reset_all)
