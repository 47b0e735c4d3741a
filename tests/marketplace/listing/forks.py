"""What a forked child of the test's process sees."""

import os
import warnings
from collections.abc import Callable


def holds_in_child(check: Callable[[], bool]) -> bool:
    """Whether `check` is true in a child that is forked now; false as well where it raises."""
    with warnings.catch_warnings():
        # Newer Pythons warn of threads, of which the child needs none.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        holds = False
        try:
            holds = check()
        finally:
            os._exit(0 if holds else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
