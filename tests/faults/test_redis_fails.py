"""Redis killed, paused, silent and emptied, under load: only the limits are affected."""

import time

import pytest
import redis
import requests

from common.config import SETTINGS
from common.config.setting_types import rates
from tests.faults.ledger import check_answers, check_writes, logged_searches
from tests.waiting import eventually

pytestmark = pytest.mark.slow


def kill(deployment):
    deployment.kill_redis()


def pause(deployment):
    with redis.Redis.from_url(deployment.redis.url) as client:
        client.client_pause(4000)


def swallow(deployment):
    deployment.redis_proxy.swallow()


def refuse(deployment):
    deployment.redis_proxy.refuse()


def cut(deployment):
    deployment.redis_proxy.cut()


def empty(deployment):
    deployment.restart_redis_empty()


@pytest.fixture(scope="module")
def generous(shared_deployment):
    """Limits that count but never refuse."""
    names = [setting.name for setting in SETTINGS if setting.parse is rates]
    return shared_deployment.serve(**dict.fromkeys(names, "5000/second;100000/minute"))


@pytest.mark.parametrize("fault", [kill, pause, swallow, refuse, cut, empty])
def test_nobody_notices_that_redis_fails(deployment, generous, make_clients, fault):
    clients = make_clients(generous)
    with clients.running():
        time.sleep(1.5)
        fault(deployment)
        time.sleep(4)
        deployment.heal()
        time.sleep(2)
    check_answers(clients)
    check_writes(clients)
    assert set(clients.statuses) <= {200, 201, 202}
    eventually(lambda: set(clients.searches) <= logged_searches(clients), 10)


@pytest.mark.parametrize("fault", [kill, pause, swallow])
def test_without_redis_the_service_is_ready_though_degraded(deployment, generous, fault):
    fault(deployment)
    answer = requests.get(f"{generous.url}/readyz", timeout=20)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["status"], body["database"], body["redis"]) == ("degraded", "ok", "away")
