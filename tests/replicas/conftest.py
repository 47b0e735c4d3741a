"""One cluster for all of these tests, and nodes of the service before it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import IsolatedClient, close
from tests.live_server import LiveServer
from tests.replicas.cluster import Cluster
from wsgi import create_app


@pytest.fixture(scope="session")
def cluster(scratch: Path, redis_url: str) -> Iterator[Cluster]:
    """A primary, a standby that follows at once, and one that applies everything late."""
    cluster = Cluster(scratch / "cluster", redis_url)
    cluster.add_standby()
    cluster.add_standby(recovery_min_apply_delay="120ms")
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def nodes(cluster: Cluster, scratch: Path) -> Iterator[list[LiveServer]]:
    """Two gunicorns of the cluster's service, without limits."""
    settings = cluster.settings | {
        "READ_DATABASE_URLS": cluster.urls(),
        "RATE_LIMITS_ENABLED": False,
    }
    logs = [scratch / f"node-{number}.log" for number in (1, 2)]
    nodes = [LiveServer(settings, workers=1, threads=4, log=log) for log in logs]
    yield nodes
    for node in nodes:
        node.stop()


@pytest.fixture
def make_replicated_app() -> Iterator[Callable[..., Flask]]:
    """Builds apps that read at replicas: `make_replicated_app(cluster, url, …)`."""
    made: list[Flask] = []

    def make(cluster: Cluster, *urls: str, **overrides: Any) -> Flask:
        app = create_app(cluster.settings | {"READ_DATABASE_URLS": urls} | overrides)
        app.test_client_class = IsolatedClient
        made.append(app)
        return app

    yield make
    for each in made:
        close(each)
