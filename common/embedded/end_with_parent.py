"""For processes that must not outlive the one that started them, however that ends.

They get a pipe from it as standard input, which the kernel closes when it ends. Used as
gunicorn's configuration (`--config python:common.embedded.end_with_parent`), or in front of another
module (`python -m common.embedded.end_with_parent flask db upgrade`).
"""

import os
import runpy
import signal
import sys
import threading


def on_starting(arbiter: object) -> None:
    """Gunicorn's hook, called once, before it has any worker."""
    watch()


def watch() -> None:
    threading.Thread(target=_end_with_standard_input, daemon=True).start()


def _end_with_standard_input() -> None:
    # Not through sys.stdin, whose lock the forked workers would inherit, held.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    watch()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
