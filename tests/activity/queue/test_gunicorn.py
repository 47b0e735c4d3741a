"""The real server stopped in the middle of a burst, loses no event it has answered for."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.activity.events import visits

SEARCH = "/api/marketplace/tutors/?search=%D0%BC%D0%B0%D1%82%D0%B5%D0%BC"
CLIENTS = 6
ENOUGH = 60


@pytest.mark.parametrize("threads", [1, 4], ids=["sync workers", "threaded workers"])
def test_searches_answered_before_a_stop_are_all_in_the_log(app, serve, threads):
    server = serve(workers=2, threads=threads)
    enough = threading.Event()

    def search_until_refused(_):
        answered = 0
        with requests.Session() as session:
            try:
                while session.get(server.url + SEARCH, timeout=20).status_code == 200:
                    answered += 1
                    if answered * CLIENTS >= ENOUGH:
                        enough.set()
            except requests.RequestException:
                pass
        return answered

    with ThreadPoolExecutor(CLIENTS) as clients:
        searching = [clients.submit(search_until_refused, n) for n in range(CLIENTS)]
        assert enough.wait(60)
        server.stop()
        answered = sum(each.result() for each in searching)
    # A connection may break between the event and its answer, never the other way round.
    assert answered <= visits()["marketplace.search", ""] <= answered + CLIENTS


def test_metrics_of_all_workers_count_what_was_written(app, serve):
    server = serve(workers=2)
    for _ in range(30):
        assert requests.get(server.url + SEARCH, timeout=20).status_code == 200
    pause = threading.Event()
    for _ in range(100):
        metrics = requests.get(f"{server.url}/metrics", timeout=20).text
        values = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line[:1] != "#")
        if float(values.get("activity_events_written_total", 0)) == 30:
            break
        pause.wait(0.05)
    assert visits() == {("marketplace.search", ""): 30}
    assert float(values["activity_events_dropped_total"]) == 0
    assert float(values["activity_events_failed_total"]) == 0
    assert "activity_event_queue_depth" in values
