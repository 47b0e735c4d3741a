"""How often Python looks for unreachable cycles in a process that answers requests."""

import gc

# Nearly all that a request makes is freed by counting references. So many objects more must be there
# than at the last look; Python's own default, 700, is reached every few requests.
YOUNG_OBJECTS = 10_000
# Python's own defaults: after so many looks at the young, one at the next older generation.
MIDDLE_LOOKS, OLD_LOOKS = 10, 10


def relax_collection() -> None:
    """Look less often, and never again at what has been loaded by now: modules, code, dictionaries.

    To look through these takes a tenth of a second, for which all requests wait.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, MIDDLE_LOOKS, OLD_LOOKS)


def collect_young() -> None:
    """Find the unreachable cycles among what was made lately.

    An exception refers to the frames that it has left, and so to the request that they answered and
    what was made of it. Such a cycle is few objects, but may hold the whole of a large body.
    """
    gc.collect(1)
