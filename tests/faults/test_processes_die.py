"""Workers killed outright and servers told to stop, amid a crowd."""

import random
import signal
import time

import pytest

from activity.queue import FLUSH_SECONDS
from tests.faults.deployment import answers_again, eventually, workers_of
from tests.faults.ledger import check_answers, check_writes, found_searches

pytestmark = pytest.mark.slow


def test_killed_workers_lose_no_acknowledged_write_and_the_log_its_last_moments_only(
    site, unlimited, gather
):
    crowd, killed = gather(unlimited), []
    with crowd.at_work():
        for _ in range(4):
            time.sleep(1.5)
            victim = random.choice(workers_of(unlimited))
            killed.append(time.monotonic())
            victim.kill()
            # A slow machine is not to be left without any worker.
            enough = crowd.served() + 50
            eventually(lambda: crowd.served() >= enough)
        time.sleep(2)
    eventually(lambda: len(workers_of(unlimited)) == 4)
    answers_again(unlimited)
    check_answers(crowd, resets=True)
    check_writes(crowd)

    # The log's writer takes what has waited for its window, and then needs the time of a write:
    # the crowd has measured what one takes here and now.
    window = FLUSH_SECONDS + crowd.slowest_write

    def lost() -> list[tuple[float, float]]:
        found = found_searches(crowd)
        return [moments for word, moments in crowd.searches.items() if word not in found]

    def lost_apart_from_the_last_moments() -> list[tuple[float, float]]:
        return [
            (sent, answered)
            for sent, answered in lost()
            if not any(sent <= kill <= answered + window for kill in killed)
        ]

    eventually(lambda: not lost_apart_from_the_last_moments(), 10)
    assert len(lost()) < len(crowd.searches) / 4


def test_a_stop_in_mid_burst_loses_nothing_at_all(site, gather):
    server = site.serve(RATE_LIMITS_ENABLED=False)
    crowd = gather(server)
    with crowd.at_work():
        time.sleep(4)
        server.stop(signal.SIGTERM)
        stopped = server.process.returncode
    assert stopped == 0
    check_answers(crowd, resets=True)
    check_writes(crowd)
    assert set(crowd.searches) <= found_searches(crowd)


def test_a_worker_told_to_stop_is_replaced_and_nobody_is_refused(site, unlimited, gather):
    crowd = gather(unlimited)
    with crowd.at_work():
        time.sleep(1)
        for worker in workers_of(unlimited):
            worker.terminate()
            time.sleep(1)
    eventually(lambda: len(workers_of(unlimited)) == 4)
    check_answers(crowd, resets=True)
    check_writes(crowd)
    eventually(lambda: set(crowd.searches) <= found_searches(crowd), 10)
