"""The primary is lost, its synchronous standby promoted: whatever was acknowledged is there."""

import signal
import time

import pytest

from common.embedded.redis_server import redis_program
from tests.database import on_server
from tests.drills.installation import Installation
from tests.drills.ledger import check_acknowledged
from tests.drills.recovery import check_recovery
from tests.drills.standby import is_synchronous, make_standby
from tests.drills.traffic import Traffic
from tests.waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def pair(tmp_path):
    """An installation on two servers, of which the second follows the first in step."""
    if redis_program() is None:
        pytest.skip("no redis-server on this machine")
    # Durable: what is acknowledged must be stored.
    installation = Installation(tmp_path, ephemeral=False)
    standby = make_standby(installation.postgres, tmp_path / "standby")
    hosts = f"127.0.0.1:{installation.postgres.port},127.0.0.1:{standby.port}"
    account = installation.postgres.url.rpartition("@")[0]
    url = f"{account}@{hosts}/marketplace?target_session_attrs=read-write"
    installation.settings |= {"DATABASE_URL": url}
    yield installation, standby
    installation.close()
    standby.stop()


def test_a_promoted_standby_has_every_acknowledged_write(pair):
    installation, standby = pair
    eventually(lambda: is_synchronous(installation.postgres))
    installation.upgrade()
    node = installation.serve()
    traffic = Traffic([node.url])
    with traffic.running():
        traffic.go_on(200)
        lost = time.monotonic()
        # Not by its own shutdown, which would send the standby all it has.
        installation.postgres.stop(signal.SIGQUIT)
        time.sleep(1)
        with on_server(standby.url) as cursor:
            cursor.execute("select pg_promote(wait => true)")
        promoted = time.monotonic()
        traffic.go_on(300)
    check_recovery(traffic, lost, promoted, installation.logs())
    compared = check_acknowledged(installation, traffic.people)
    print(f"{compared} acknowledged values, none is lost")
