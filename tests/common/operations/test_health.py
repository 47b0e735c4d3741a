import re
import threading

import psutil
import pytest
import requests

READY = {"status": "ok", "database": "ok", "schema": "ok", "redis": "ok", "media": "ok"}


def test_the_process_answers_whatever_is_away(probe):
    assert probe.get("/healthz").json == {"status": "ok"}


def test_all_is_well(client, redis_url):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == READY


def test_without_redis_the_service_is_degraded_but_serves(make_app):
    answer = make_app(REDIS_URL="redis://127.0.0.1:1/0").test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == READY | {"status": "degraded", "redis": "away"}
    none = make_app(REDIS_URL=None).test_client().get("/readyz")
    assert none.json == READY | {"redis": "not configured"}


def test_without_the_database_it_cannot_serve_and_says_when_to_ask_again(probe):
    answer = probe.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def counted(text, **labels):
    """The number of requests in the exposition that carry all of `labels`."""
    total = 0.0
    for line in text.splitlines():
        match = re.fullmatch(r"http_request_seconds_count\{(.*)\} (.*)", line)
        if match and all(f'{name}="{value}"' in match[1] for name, value in labels.items()):
            total += float(match[2])
    return total


def test_requests_are_counted_by_route_never_by_address(probe):
    labels = {"route": "/probe/raise/<name>/", "status": "404"}
    before = counted(probe.get("/metrics").text, **labels)
    probe.get("/probe/raise/NotFound/")
    text = probe.get("/metrics").text
    assert counted(text, **labels) == before + 1
    assert "NotFound" not in text


def test_made_up_methods_and_addresses_share_one_label(probe):
    for number in range(5):
        probe.open(f"/made/up/{number}", method=f"MADEUP{number}")
    text = probe.get("/metrics").text
    assert "MADEUP" not in text and "/made/up" not in text
    assert counted(text, route="unmatched", method="other") >= 5


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_operations_are_read_only(probe, path):
    assert probe.post(path).status_code == 405


def test_counts_are_summed_over_all_workers(live_server):
    def fetch():
        text = requests.get(f"{live_server.url}/metrics", timeout=10).text
        return counted(text, route="/healthz", status="200")

    def settled():
        """Each worker adds what it has counted within a second."""
        pause, numbers = threading.Event(), [fetch()]
        while len(numbers) < 12 or len(set(numbers[-12:])) > 1:
            pause.wait(0.1)
            numbers.append(fetch())
        return numbers[-1]

    before = settled()
    for _ in range(40):
        requests.get(f"{live_server.url}/healthz", timeout=10)
    assert settled() == before + 40


def test_a_killed_worker_leaves_its_counts_and_nothing_in_hand(serve, tmp_path):
    server = serve(workers=2, PROMETHEUS_MULTIPROC_DIR=tmp_path)
    victim = psutil.Process(server.process.pid).children()[0]
    assert [*tmp_path.glob(f"gauge_live*_{victim.pid}.db")]
    victim.kill()
    psutil.wait_procs([victim], timeout=20)
    text = requests.get(f"{server.url}/metrics", timeout=20).text
    assert "activity_event_queue_depth" in text
    assert [*tmp_path.glob(f"gauge_live*_{victim.pid}.db")] == []
    assert [*tmp_path.glob(f"counter_{victim.pid}.db")]
    server.stop()


@pytest.mark.parametrize("path", ["/", "/api", "/api/"])
def test_the_roots_lead_to_the_documentation(probe, path):
    answer = probe.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/api/docs/"
