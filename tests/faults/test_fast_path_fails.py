"""What visitors are answered on the fast path while PostgreSQL is gone, slow, silent or locked: the
same as on the views, by a worker that has served nothing else."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
import requests

from tests.faults.deployment import answers_again
from tests.faults.load_clients import RESPONSE_TIMEOUT_SECONDS

pytestmark = pytest.mark.slow

LIST = "/api/marketplace/tutors/?price_min=0&page_size=3"


@pytest.fixture
def card(deployment):
    """The address of a listed tutor."""
    person = deployment.person()
    tutor_id = deployment.people[person["Authorization"]]
    assert deployment.rows("select 1 from public_tutors where tutor_id = %s", tutor_id)
    return f"/api/marketplace/tutors/{tutor_id}/"


@pytest.fixture
def fresh(deployment):
    """A worker that visitors alone have called."""
    return deployment.serve(workers=1, RATE_LIMITS_ENABLED=False, STATEMENT_TIMEOUT_MS=2000)


def visit(server, addresses, times=8):
    """The statuses of visitors' calls, four at once."""

    def call(number):
        answer = requests.get(
            server.url + addresses[number % len(addresses)], timeout=RESPONSE_TIMEOUT_SECONDS
        )
        assert answer.status_code != 503 or answer.headers["Retry-After"]
        return answer.status_code

    with ThreadPoolExecutor(4) as clients:
        return set(clients.map(call, range(times)))


def test_a_silent_database_is_given_up(deployment, fresh, card):
    assert visit(fresh, [card]) == {200}
    deployment.database_proxy.swallow()
    assert visit(fresh, [card], 4) == {503}
    deployment.heal()
    answers_again(fresh, card)


def test_a_database_slower_than_its_timeout_is_refused(deployment, fresh, card):
    assert visit(fresh, [card, LIST]) == {200}
    deployment.database_proxy.delay(12)
    assert visit(fresh, [card, LIST]) == {503}
    deployment.heal()
    answers_again(fresh, card)


def test_after_a_crash_that_nobody_saw_not_a_single_call_fails(deployment, fresh, card):
    assert visit(fresh, [card, LIST]) == {200}
    deployment.crash_postgres()
    deployment.start_postgres()
    assert visit(fresh, [card, LIST], 20) == {200}


def test_while_the_database_is_away_every_answer_is_a_503(deployment, fresh, card):
    assert visit(fresh, [card, LIST]) == {200}
    deployment.crash_postgres()
    assert visit(fresh, [card, LIST]) == {503}
    deployment.start_postgres()
    answers_again(fresh, card)


def test_a_cancelled_statement_is_a_503(deployment, fresh, card):
    assert visit(fresh, [card, LIST]) == {200}
    with closing(psycopg2.connect(deployment.postgres.url)) as other, other.cursor() as cursor:
        cursor.execute("lock table public_tutors in access exclusive mode")
        assert visit(fresh, [card, LIST], 4) == {503}
    assert visit(fresh, [card, LIST]) == {200}
