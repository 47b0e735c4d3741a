"""Keeps a worker's memory bounded: how the C library takes memory for threads and gives it back."""

import ctypes
import os

# Parameters of glibc's mallopt(3).
M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
# By default each thread may have a heap of its own, which keeps what its largest request needed.
ARENAS = 2
# Blocks from this size on, such as the memory of a password hash or of a picture, are given back to
# the system when they are freed. Left alone, glibc raises the limit to 32 MiB by itself.
MMAP_THRESHOLD_BYTES = 1_048_576


def bound_heaps() -> bool:
    """Limit the heaps of this process; to be called before it starts threads.

    Does what `MALLOC_ARENA_MAX=2` and `MALLOC_MMAP_THRESHOLD_=1048576` in the environment would do,
    and leaves alone what the operator has set there. Returns False where there is no glibc.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    done = True
    if "MALLOC_ARENA_MAX" not in os.environ:
        done &= bool(mallopt(M_ARENA_MAX, ARENAS))
    if "MALLOC_MMAP_THRESHOLD_" not in os.environ:
        done &= bool(mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES))
    return done
