"""PostgreSQL is restarted, as for an update of its own: a 503 says when to come again, and soon ends."""

import time

import pytest

from tests.drills.ledger import check_acknowledged
from tests.drills.recovery import check_recovery
from tests.drills.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_restart_of_postgresql_is_a_moment_of_503s(installation):
    installation.upgrade()
    node = installation.serve()
    traffic = Traffic([node.url])
    with traffic.running():
        traffic.go_on(100)
        assert not any(outcome.was_refused for outcome in traffic.outcomes)
        for away in (0.0, 4.0):
            stopped = time.monotonic()
            installation.postgres.stop()
            time.sleep(away)
            installation.postgres.start(installation.postgres.port)
            listening = time.monotonic()
            traffic.go_on(200)
            check_recovery(traffic, stopped, listening, installation.logs())
    assert any(outcome.was_refused for outcome in traffic.outcomes)
    print(f"{check_acknowledged(installation, traffic.people)} acknowledged values are stored")
