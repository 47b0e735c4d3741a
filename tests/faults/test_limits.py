"""Limits of four workers on one Redis, and what becomes of them while it is away."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.waiting import eventually

pytestmark = pytest.mark.slow

BURST, SUSTAINED, WORKERS = 5, 30, 4
POLICIES = f'"second";q={BURST};w=1, "minute";q={SUSTAINED};w=60'
REFUSALS = (
    "select count(*) from activity_events"
    " where user_id = %s and action = 'activity.trigger.rate_limited'"
)


@pytest.fixture(scope="module")
def limited(shared_deployment):
    # A busy machine is not to be taken for a Redis that is away.
    return shared_deployment.serve(workers=WORKERS, REDIS_TIMEOUT_MS=10_000)


def trigger(server, person):
    """One call over a connection of its own, so that any worker may take it."""
    body = {"action": "fault.probe"}
    url = f"{server.url}/api/me/activity/trigger/"
    sent = time.monotonic()
    answer = requests.post(url, json=body, headers=person, timeout=20)
    return answer, sent, time.monotonic()


def call_often(server, person, times, at_once=8):
    with ThreadPoolExecutor(at_once) as clients:
        return list(clients.map(lambda _: trigger(server, person), range(times)))


def accepted(answers):
    return [each for each in answers if each[0].status_code == 201]


def refusals(deployment, person):
    return deployment.rows(REFUSALS, deployment.people[person["Authorization"]])[0][0]


def test_both_windows_hold_exactly_across_workers(deployment, limited):
    person, began = deployment.person(), time.monotonic()
    answers = []
    while time.monotonic() - began < 20:
        answers += call_often(limited, person, 16)
    assert {each[0].status_code for each in answers} == {201, 429}
    # Never more than either window allows, and all of the longer one was to be had.
    assert len(accepted(answers)) == SUSTAINED
    finished = sorted(end for _, _, end in accepted(answers))
    sent = sorted(start for _, start, _ in accepted(answers))
    for first, sixth in zip(sent, finished[BURST:], strict=False):
        assert sixth - first >= 1
    for answer, _, _ in answers:
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            assert set(answer.json()["violated-policies"]) <= {"second", "minute"}
    announced = {answer.headers["RateLimit-Policy"] for answer, _, _ in accepted(answers)}
    # Beside the budget of bytes, which the whole of this comes nowhere near.
    assert {each.partition(', "bytes"')[0] for each in announced} == {POLICIES}
    assert refusals(deployment, person) == 1


def test_the_window_moves_and_lets_callers_in_again(deployment, limited):
    person = deployment.person()
    assert len(accepted(call_often(limited, person, 12))) == BURST
    time.sleep(1.1)
    assert len(accepted(call_often(limited, person, 12))) == BURST


def test_strangers_do_not_pay_for_each_other(deployment, limited):
    loud, quiet = deployment.person(), deployment.person()
    call_often(limited, loud, 40)
    assert trigger(limited, quiet)[0].status_code == 201


def test_without_redis_each_process_counts_and_one_count_is_back_with_it(deployment, limited):
    deployment.kill_redis()
    person = deployment.person()
    answers = call_often(limited, person, 400, at_once=16)
    assert {each[0].status_code for each in answers} == {201, 429}
    # Each worker lets through what one would, and no more.
    assert BURST <= len(accepted(answers)) <= WORKERS * SUSTAINED
    assert refusals(deployment, person) == 1
    deployment.heal()

    def counted_together():
        fresh = deployment.person()
        # All at once: an answer to a caller who was refused often waits, and the second goes on.
        return len(accepted(call_often(limited, fresh, 40, at_once=40))) <= BURST + 1

    eventually(lambda: all(counted_together() for _ in range(3)), 120)


def test_a_silent_redis_locks_nobody_out_and_lifts_no_limit(deployment):
    server = deployment.serve(workers=WORKERS)
    deployment.redis_proxy.swallow()
    for _ in range(5):
        assert trigger(server, deployment.person())[0].status_code == 201
    answers = call_often(server, deployment.person(), 200, at_once=16)
    assert {each[0].status_code for each in answers} == {201, 429}
    assert BURST <= len(accepted(answers)) <= WORKERS * SUSTAINED
    server.stop()


def test_an_emptied_redis_forgives_what_was_spent_and_counts_anew(deployment, limited):
    person = deployment.person()
    call_often(limited, person, 20)
    deployment.restart_redis_empty()
    time.sleep(1.1)
    answers = call_often(limited, person, 60)
    assert len(accepted(answers)) >= BURST


def test_one_refusal_a_minute_is_logged_however_often_a_client_calls(deployment, limited):
    person, began = deployment.person(), time.monotonic()
    while time.monotonic() - began < 5:
        call_often(limited, person, 100, at_once=16)
    assert refusals(deployment, person) == 1
