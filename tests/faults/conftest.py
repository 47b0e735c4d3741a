"""One site for all faults, mended after each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.embedded.redis_server import redis_program
from tests.conftest import test_settings
from tests.faults.deployment import Site
from tests.faults.load_clients import Crowd
from tests.live_server import LiveServer

# So that what a crowd does is refused by nothing but the faults.
NO_LIMITS = {"RATE_LIMITS_ENABLED": False}

Gather = Callable[[LiveServer], Crowd]


@pytest.fixture(scope="session")
def whole_site(scratch: Path) -> Iterator[Site]:
    if redis_program() is None:
        pytest.skip("no redis-server on this machine")
    site = Site(scratch / "faults", test_settings("postgresql://set-later", None, scratch))
    yield site
    site.close()


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    yield whole_site
    whole_site.heal()
    assert whole_site.unforeseen() == []


@pytest.fixture(scope="session")
def unlimited(whole_site: Site) -> LiveServer:
    """Four workers without limits; whoever kills one has them start another."""
    return whole_site.serve(**NO_LIMITS)


@pytest.fixture
def gather(site: Site) -> Gather:
    return lambda server: Crowd(site, server.url)
