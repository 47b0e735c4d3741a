"""PostgreSQL crashed, slow, full and silent, under load."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import psycopg2
import pytest
import requests

from tests.faults.deployment import answers_again
from tests.faults.ledger import check_answers, check_writes, logged_searches
from tests.faults.load_clients import RESPONSE_TIMEOUT_SECONDS
from tests.waiting import eventually

pytestmark = pytest.mark.slow

ENDPOINTS = [
    ("GET", "/api/marketplace/tutors/?search=math"),
    ("GET", "/api/me/profile/"),
    ("GET", "/api/me/activity/"),
    ("POST", "/api/me/activity/trigger/"),
    ("PATCH", "/api/me/profile/autosave/"),
]
BODIES = {
    "/api/me/activity/trigger/": {"action": "fault.probe"},
    "/api/me/profile/autosave/": {"tutor_profile": {"headline": "x"}},
}


def call_endpoints(server, person, times):
    """The statuses of calls of every endpoint, several at once."""

    def call(number):
        method, path = ENDPOINTS[number % len(ENDPOINTS)]
        answer = requests.request(
            method,
            server.url + path,
            json=BODIES.get(path),
            headers=person,
            timeout=RESPONSE_TIMEOUT_SECONDS,
        )
        assert answer.status_code != 503 or answer.headers["Retry-After"]
        return answer.status_code

    with ThreadPoolExecutor(8) as clients:
        return set(clients.map(call, range(times)))


def test_after_a_crash_that_nobody_saw_not_a_single_call_fails(deployment, unlimited):
    person = deployment.person()
    assert call_endpoints(unlimited, person, 100) <= {200, 201}
    deployment.crash_postgres()
    deployment.start_postgres()
    assert call_endpoints(unlimited, person, 100) <= {200, 201}


def test_crashes_of_the_database_lose_and_double_no_acknowledged_write(
    deployment, unlimited, make_clients
):
    clients = make_clients(unlimited)
    with clients.running():
        for _ in range(3):
            time.sleep(2)
            deployment.crash_postgres()
            time.sleep(1)
            deployment.start_postgres()
        answers_again(unlimited)
        before = clients.statuses.copy()
        time.sleep(2)
        since = clients.statuses - before
    # The database answers only as soon as it has recovered: from then on everything succeeds.
    assert set(since) <= {200, 201, 202}
    assert clients.statuses[503] > 0
    check_answers(clients)
    check_writes(clients)


def test_events_wait_for_a_database_that_is_away(deployment, unlimited):
    words = [f"zzz{number}qqq" for number in range(40)]
    person = deployment.person()
    for word in words:
        url = f"{unlimited.url}/api/marketplace/tutors/?search={word}"
        assert requests.get(url, headers=person, timeout=20).status_code == 200
    deployment.database_proxy.refuse()
    time.sleep(2)
    deployment.heal()

    def written():
        sql = "select count(*) from activity_events where metadata ->> 'query' = any(%s)"
        return deployment.rows(sql, words)[0][0]

    eventually(lambda: written() == len(words))


def test_while_the_database_refuses_every_answer_is_a_prompt_503(
    deployment, unlimited, make_clients
):
    person = deployment.person()
    deployment.database_proxy.refuse()
    assert call_endpoints(unlimited, person, 50) == {503}
    ready = requests.get(f"{unlimited.url}/readyz", timeout=20)
    assert (ready.status_code, ready.json()["database"]) == (503, "away")
    assert requests.get(f"{unlimited.url}/healthz", timeout=20).status_code == 200
    deployment.heal()
    assert call_endpoints(unlimited, person, 50) <= {200, 201}


def test_a_silent_database_is_given_up_and_comes_back_by_itself(
    deployment, unlimited, make_clients
):
    clients = make_clients(unlimited)
    with clients.running():
        time.sleep(2)
        deployment.database_proxy.swallow()
        time.sleep(20)
        refused = clients.statuses[503]
        deployment.heal()
        answers_again(unlimited)
        before = clients.statuses.copy()
        time.sleep(2)
        since = clients.statuses - before
    assert refused > 0
    assert set(since) <= {200, 201, 202}
    check_answers(clients)
    check_writes(clients)
    eventually(lambda: set(clients.searches) <= logged_searches(clients), 30)


def test_a_database_slower_than_all_patience_is_refused_not_waited_for(deployment, unlimited):
    person = deployment.person()
    deployment.database_proxy.delay(12)
    assert call_endpoints(unlimited, person, 30) == {503}
    deployment.heal()
    answers_again(unlimited)
    assert call_endpoints(unlimited, person, 50) <= {200, 201}


def test_a_slow_database_is_slow_and_nothing_else(deployment, unlimited, make_clients):
    clients = make_clients(unlimited)
    deployment.database_proxy.delay(0.15)
    with clients.running():
        time.sleep(8)
        deployment.heal()
        time.sleep(2)
    check_answers(clients)
    check_writes(clients)


def test_statements_beyond_their_timeout_are_refused_and_change_nothing(deployment, unlimited):
    person = deployment.person()
    with closing(psycopg2.connect(deployment.postgres.url)) as other, other.cursor() as cursor:
        cursor.execute("lock table users in access exclusive mode")
        assert call_endpoints(unlimited, person, 20) <= {200, 503}
    drafts = "select count(*) from profile_drafts where user_id = %s"
    user_id = deployment.people[person["Authorization"]]
    assert deployment.rows(drafts, user_id) == [(0,)]
    assert call_endpoints(unlimited, person, 20) <= {200, 201}


def test_a_database_without_free_connections_recovers_with_them(
    deployment, unlimited, make_clients
):
    clients = make_clients(unlimited)
    with clients.running():
        time.sleep(1)
        # Whatever the service holds is taken from it, and then by somebody else.
        deployment.database_proxy.cut()
        with ExitStack() as others:
            try:
                while True:
                    others.enter_context(closing(psycopg2.connect(deployment.postgres.url)))
            except psycopg2.OperationalError:
                pass
            deployment.database_proxy.cut()
            time.sleep(3)
        answers_again(unlimited)
        before = clients.statuses.copy()
        time.sleep(2)
        since = clients.statuses - before
    assert set(since) <= {200, 201, 202}
    check_answers(clients)
    check_writes(clients)
