"""Workers killed outright and servers stopped by a signal, under load."""

import random
import signal
import time

import pytest

from activity.queue.event_queue import FLUSH_SECONDS
from tests.faults.deployment import answers_again, workers_of
from tests.faults.ledger import check_answers, check_writes, logged_searches
from tests.waiting import eventually

pytestmark = pytest.mark.slow


def test_killed_workers_lose_no_acknowledged_write_and_the_log_its_latest_events_only(
    deployment, unlimited, make_clients
):
    clients, killed = make_clients(unlimited), []
    with clients.running():
        for _ in range(4):
            time.sleep(1.5)
            victim = random.choice(workers_of(unlimited))
            killed.append(time.monotonic())
            victim.kill()
            # A slow machine is not to be left without any worker.
            enough = clients.served() + 50
            eventually(lambda: clients.served() >= enough)
        time.sleep(2)
    eventually(lambda: len(workers_of(unlimited)) == 4)
    answers_again(unlimited)
    check_answers(clients, resets=True)
    check_writes(clients)

    # The log's writer takes what has waited for its window, and then needs the time of a write:
    # the clients have measured what one takes here and now.
    window = FLUSH_SECONDS + clients.slowest_write

    def lost() -> list[tuple[float, float]]:
        found = logged_searches(clients)
        return [moments for word, moments in clients.searches.items() if word not in found]

    def lost_apart_from_the_last_moments() -> list[tuple[float, float]]:
        return [
            (sent, answered)
            for sent, answered in lost()
            if not any(sent <= kill <= answered + window for kill in killed)
        ]

    eventually(lambda: not lost_apart_from_the_last_moments(), 10)
    assert len(lost()) < len(clients.searches) / 4


def test_a_stop_in_mid_burst_loses_nothing_at_all(deployment, make_clients):
    server = deployment.serve(RATE_LIMITS_ENABLED=False)
    clients = make_clients(server)
    with clients.running():
        time.sleep(4)
        server.stop(signal.SIGTERM)
        stopped = server.process.returncode
    assert stopped == 0
    check_answers(clients, resets=True)
    check_writes(clients)
    assert set(clients.searches) <= logged_searches(clients)


def test_a_worker_that_is_stopped_is_replaced_and_no_call_is_refused(
    deployment, unlimited, make_clients
):
    clients = make_clients(unlimited)
    with clients.running():
        time.sleep(1)
        for worker in workers_of(unlimited):
            worker.terminate()
            time.sleep(1)
    eventually(lambda: len(workers_of(unlimited)) == 4)
    check_answers(clients, resets=True)
    check_writes(clients)
    eventually(lambda: set(clients.searches) <= logged_searches(clients), 10)
