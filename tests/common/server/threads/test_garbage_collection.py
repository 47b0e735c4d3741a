"""What a worker's process does about cycles, tried in a process of its own."""

import subprocess
import sys

from common.config import ROOT

SCRIPT = """
import gc, weakref
from common.server.threads.garbage_collection import YOUNG_OBJECTS, relax_collection

class Node:
    pass

relax_collection()
print(gc.isenabled(), gc.get_freeze_count() > 1000, gc.get_threshold()[0] == YOUNG_OBJECTS)

def cycle():
    node = Node()
    node.itself = node
    return weakref.ref(node)

made = cycle()
kept = [Node() for _ in range(YOUNG_OBJECTS + 1)]
print(made() is None)
"""


def test_what_is_loaded_is_left_out_and_later_cycles_are_found() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True", "True", "True"]
