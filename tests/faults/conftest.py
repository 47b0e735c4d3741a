"""One deployment for all faults, repaired after each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.embedded.redis_server import redis_program
from tests.conftest import test_settings
from tests.faults.deployment import Deployment
from tests.faults.load_clients import LoadClients
from tests.live_server import LiveServer

# So that only the faults refuse anything.
NO_LIMITS = {"RATE_LIMITS_ENABLED": False}

MakeClients = Callable[[LiveServer], LoadClients]


@pytest.fixture(scope="session")
def shared_deployment(scratch: Path) -> Iterator[Deployment]:
    if redis_program() is None:
        pytest.skip("no redis-server on this machine")
    deployment = Deployment(
        scratch / "faults", test_settings("postgresql://set-later", None, scratch)
    )
    yield deployment
    deployment.close()


@pytest.fixture
def deployment(shared_deployment: Deployment) -> Iterator[Deployment]:
    yield shared_deployment
    shared_deployment.heal()
    assert shared_deployment.unexpected_errors() == []


@pytest.fixture(scope="session")
def unlimited(shared_deployment: Deployment) -> LiveServer:
    """Four workers without limits; a killed one is replaced."""
    return shared_deployment.serve(**NO_LIMITS)


@pytest.fixture
def make_clients(deployment: Deployment) -> MakeClients:
    return lambda server: LoadClients(deployment, server.url)
