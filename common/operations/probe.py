"""`python -m common.operations.probe URL`: whether an address answers with success, for health checks.

It needs neither a shell nor curl, and imports nothing of the service.
"""

import sys
import urllib.request
from http import HTTPStatus

TIMEOUT_SECONDS = 3


def answers(url: str) -> bool:
    """Whether the address is answered with a 200 in time. Follows no proxy of the environment."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as response:
            return bool(response.status == HTTPStatus.OK)
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(0 if len(sys.argv) == 2 and answers(sys.argv[1]) else 1)
