"""Gunicorn's configuration for servers that must not outlive the process that started them.

That process gives gunicorn a pipe as standard input. However it ends, the kernel closes the pipe.
"""

import os
import signal
import threading


def on_starting(arbiter: object) -> None:
    """Gunicorn's hook, called once, before it has any worker."""
    threading.Thread(target=_end_with_standard_input, daemon=True).start()


def _end_with_standard_input() -> None:
    # Not through sys.stdin, whose lock the forked workers would inherit, held.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
