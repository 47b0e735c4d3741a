"""`python -m common.media.imaging.child`: reads a picture, writes the square of it or why there is none.

Imports next to nothing of the service, so that it starts in a fraction of a second and holds little.
"""

import os
import resource
import sys
from pathlib import Path

from common.media.imaging.rules import BadPicture, UnsupportedPicture
from common.media.imaging.square import render

# Beyond what the process holds at rest.
MEMORY_BYTES = 200 * 1024 * 1024
CPU_SECONDS = 10
# A second of decoding is long beside an answer: others' answers go before it where processors are few.
NICENESS = 10
DONE, BAD, UNSUPPORTED, TOO_DEMANDING = b"+", b"-", b"?", b"!"


def limit_resources() -> None:
    """Bound memory and processor time from here on, where the system can."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        # Not Linux: the pixels are bounded all the same.
        return


def main() -> None:
    os.nice(NICENESS)
    data = sys.stdin.buffer.read()
    limit_resources()
    try:
        outcome, content = DONE, render(data)
    except UnsupportedPicture:
        outcome, content = UNSUPPORTED, b""
    except BadPicture as error:
        outcome, content = BAD, error.message.to_json().encode()
    except MemoryError:
        outcome, content = TOO_DEMANDING, b""
    sys.stdout.buffer.write(outcome + content)


if __name__ == "__main__":
    main()
