"""Redis killed, paused, silent and emptied, amid a crowd: nobody but the limits notices."""

import time

import pytest
import redis
import requests

from tests.faults.deployment import eventually
from tests.faults.ledger import check_answers, check_writes, found_searches

pytestmark = pytest.mark.slow


def kill(site):
    site.kill_redis()


def pause(site):
    with redis.Redis.from_url(site.redis.url) as client:
        client.client_pause(4000)


def swallow(site):
    site.redis_way.swallow()


def refuse(site):
    site.redis_way.refuse()


def cut(site):
    site.redis_way.cut()


def empty(site):
    site.restart_redis_empty()


@pytest.fixture(scope="module")
def generous(whole_site):
    """Limits that count but refuse nobody."""
    names = ("TRIGGER_LIMIT", "EVENTS_LIMIT", "REGISTER_LIMIT")
    return whole_site.serve(**dict.fromkeys(names, "5000/second;100000/minute"))


@pytest.mark.parametrize("fault", [kill, pause, swallow, refuse, cut, empty])
def test_nobody_notices_that_redis_fails(site, generous, gather, fault):
    crowd = gather(generous)
    with crowd.at_work():
        time.sleep(1.5)
        fault(site)
        time.sleep(4)
        site.heal()
        time.sleep(2)
    check_answers(crowd)
    check_writes(crowd)
    assert set(crowd.statuses) <= {200, 201, 202}
    eventually(lambda: set(crowd.searches) <= found_searches(crowd), 10)


@pytest.mark.parametrize("fault", [kill, pause, swallow])
def test_without_redis_the_service_is_ready_though_degraded(site, generous, fault):
    fault(site)
    answer = requests.get(f"{generous.url}/readyz", timeout=20)
    assert answer.status_code == 200
    assert answer.json() == {"status": "degraded", "database": "ok", "redis": "away"}
