"""PostgreSQL crashed, slow, full and silent, amid a crowd."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import psycopg2
import pytest
import requests

from tests.faults.deployment import answers_again, eventually
from tests.faults.ledger import check_answers, check_writes, found_searches
from tests.faults.load_clients import PATIENCE_SECONDS

pytestmark = pytest.mark.slow

DOORS = [
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


def knock(server, person, times):
    """The statuses of calls at every door, several at once."""

    def call(number):
        method, path = DOORS[number % len(DOORS)]
        answer = requests.request(
            method,
            server.url + path,
            json=BODIES.get(path),
            headers=person,
            timeout=PATIENCE_SECONDS,
        )
        assert answer.status_code != 503 or answer.headers["Retry-After"]
        return answer.status_code

    with ThreadPoolExecutor(8) as clients:
        return set(clients.map(call, range(times)))


def test_after_a_crash_that_nobody_saw_not_a_single_call_fails(site, unlimited):
    person = site.person()
    assert knock(unlimited, person, 100) <= {200, 201}
    site.crash_postgres()
    site.start_postgres()
    assert knock(unlimited, person, 100) <= {200, 201}


def test_crashes_of_the_database_lose_and_double_no_acknowledged_write(site, unlimited, gather):
    crowd = gather(unlimited)
    with crowd.at_work():
        for _ in range(3):
            time.sleep(2)
            site.crash_postgres()
            time.sleep(1)
            site.start_postgres()
        answers_again(unlimited)
        before = crowd.statuses.copy()
        time.sleep(2)
        since = crowd.statuses - before
    # The database answers only as soon as it has recovered: from then on everything succeeds.
    assert set(since) <= {200, 201, 202}
    assert crowd.statuses[503] > 0
    check_answers(crowd)
    check_writes(crowd)


def test_events_wait_for_a_database_that_is_away(site, unlimited):
    words = [f"zzz{number}qqq" for number in range(40)]
    for word in words:
        path = f"/api/marketplace/tutors/?search={word}"
        assert requests.get(unlimited.url + path, timeout=20).status_code == 200
    site.database_way.refuse()
    time.sleep(2)
    site.heal()

    def written():
        sql = "select count(*) from activity_events where metadata ->> 'query' = any(%s)"
        return site.rows(sql, words)[0][0]

    eventually(lambda: written() == len(words))


def test_while_the_database_refuses_every_answer_is_a_prompt_503(site, unlimited, gather):
    person = site.person()
    site.database_way.refuse()
    assert knock(unlimited, person, 50) == {503}
    ready = requests.get(f"{unlimited.url}/readyz", timeout=20)
    assert (ready.status_code, ready.json()["database"]) == (503, "away")
    assert requests.get(f"{unlimited.url}/healthz", timeout=20).status_code == 200
    site.heal()
    assert knock(unlimited, person, 50) <= {200, 201}


def test_a_silent_database_is_given_up_and_comes_back_by_itself(site, unlimited, gather):
    crowd = gather(unlimited)
    with crowd.at_work():
        time.sleep(2)
        site.database_way.swallow()
        time.sleep(20)
        refused = crowd.statuses[503]
        site.heal()
        answers_again(unlimited)
        before = crowd.statuses.copy()
        time.sleep(2)
        since = crowd.statuses - before
    assert refused > 0
    assert set(since) <= {200, 201, 202}
    check_answers(crowd)
    check_writes(crowd)
    eventually(lambda: set(crowd.searches) <= found_searches(crowd), 30)


def test_a_database_slower_than_all_patience_is_refused_not_waited_for(site, unlimited):
    person = site.person()
    site.database_way.delay(12)
    assert knock(unlimited, person, 30) == {503}
    site.heal()
    answers_again(unlimited)
    assert knock(unlimited, person, 50) <= {200, 201}


def test_a_slow_database_is_slow_and_nothing_else(site, unlimited, gather):
    crowd = gather(unlimited)
    site.database_way.delay(0.15)
    with crowd.at_work():
        time.sleep(8)
        site.heal()
        time.sleep(2)
    check_answers(crowd)
    check_writes(crowd)


def test_statements_beyond_their_timeout_are_refused_and_change_nothing(site, unlimited):
    person = site.person()
    with closing(psycopg2.connect(site.postgres.url)) as other, other.cursor() as cursor:
        cursor.execute("lock table users in access exclusive mode")
        assert knock(unlimited, person, 20) <= {200, 503}
    drafts = "select count(*) from profile_drafts where user_id = %s"
    user_id = site.people[person["Authorization"]]
    assert site.rows(drafts, user_id) == [(0,)]
    assert knock(unlimited, person, 20) <= {200, 201}


def test_a_database_without_free_connections_recovers_with_them(site, unlimited, gather):
    crowd = gather(unlimited)
    with crowd.at_work():
        time.sleep(1)
        # Whatever the service holds is taken from it, and then by somebody else.
        site.database_way.cut()
        with ExitStack() as others:
            try:
                while True:
                    others.enter_context(closing(psycopg2.connect(site.postgres.url)))
            except psycopg2.OperationalError:
                pass
            site.database_way.cut()
            time.sleep(3)
        answers_again(unlimited)
        before = crowd.statuses.copy()
        time.sleep(2)
        since = crowd.statuses - before
    assert set(since) <= {200, 201, 202}
    check_answers(crowd)
    check_writes(crowd)
