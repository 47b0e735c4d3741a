"""Each drill has servers of its own, which end with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.embedded.redis_server import redis_program
from tests.drills.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    if redis_program() is None:
        pytest.skip("no redis-server on this machine")
    installation = Installation(tmp_path)
    yield installation
    installation.close()
