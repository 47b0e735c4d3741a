"""`python -m tests.soak --minutes 10`: a realistic mix of calls on the demo data, for a while.

Prints, minute by minute, how long answers took and what the server holds; ends with status 1 if
any call failed. Starts servers of its own and leaves nothing behind.
"""

import argparse
import os
import platform
import random
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import psutil
import psycopg2
import requests

from common.config import ROOT
from common.embedded import Servers
from common.http.auth import issue_access_token
from tests.live_server import LiveServer
from wsgi import create_app

WORDS = "математика англійська фізика matematyka english ЗНО розмовна python хімія історія".split()
SUBJECTS = "math english physics chemistry history".split()
ORDERINGS = "rating hourly_rate -hourly_rate -experience_years newest".split()
VISITORS = 200
SECRET = "a secret that only the soak of this project uses"

Call = tuple[str, str, dict[str, Any]]


class Visitors:
    """What visitors and tutors ask for, in the proportions of a marketplace."""

    def __init__(self, tutors: dict[int, str]) -> None:
        self._tutors = list(tutors)
        self._headers = [{"Authorization": f"Bearer {token}"} for token in tutors.values()]
        self.kinds: dict[str, Callable[[], Call]] = {
            "browse": self._browse,
            "search": self._search,
            "detail": self._detail,
            "telemetry": self._telemetry,
            "writes": self._write,
        }
        self.weights = (60, 20, 10, 7, 3)

    def _browse(self) -> Call:
        query = random.choice(
            [
                "",
                "",
                f"?ordering={random.choice(ORDERINGS)}",
                f"?subject={random.choice(SUBJECTS)}&price_max={random.randrange(200, 900, 50)}",
                f"?experience_min={random.randrange(15)}&page_size=50",
            ]
        )
        return "GET", f"/api/marketplace/tutors/{query}", {}

    def _search(self) -> Call:
        words = " ".join(random.sample(WORDS, random.choice((1, 1, 2))))
        return "GET", "/api/marketplace/tutors/", {"params": {"search": words}}

    def _detail(self) -> Call:
        return "GET", f"/api/marketplace/tutors/{random.choice(self._tutors)}/", {}

    def _telemetry(self) -> Call:
        events = [
            {"action": "page.viewed", "message_id": secrets.token_hex(8), "metadata": {"n": n}}
            for n in range(random.randrange(1, 10))
        ]
        options = {"json": {"events": events}, "headers": random.choice(self._headers)}
        return "POST", "/api/activity/events/", options

    def _write(self) -> Call:
        text = f"Готую до іспитів, набір {secrets.token_hex(4)}"
        method, path, body = random.choice(
            [
                ("PATCH", "/api/me/profile/autosave/", {"tutor_profile": {"bio": text}}),
                ("PATCH", "/api/me/profile/", {"tutor_profile": {"headline": text}}),
                ("POST", "/api/me/activity/trigger/", {"action": "soak.step"}),
            ]
        )
        return method, path, {"json": body, "headers": random.choice(self._headers)}


class Soak:
    """Clients that keep to a common pace, and what they met."""

    def __init__(self, url: str, visitors: Visitors, rate: float, clients: int) -> None:
        self._url, self._visitors = url, visitors
        self._pause = clients / rate
        self._over = threading.Event()
        self._lock = threading.Lock()
        self.errors: Counter[str] = Counter()
        self.all: defaultdict[str, list[float]] = defaultdict(list)
        self.recent: list[float] = []

    def stop(self) -> None:
        self._over.set()

    def client(self) -> None:
        kinds = list(self._visitors.kinds)
        due = time.monotonic() + random.random() * self._pause
        with requests.Session() as session:
            while not self._over.wait(max(0.0, due - time.monotonic())):
                due = max(due, time.monotonic() - 1) + self._pause
                kind = random.choices(kinds, self._visitors.weights)[0]
                self._call(session, kind, *self._visitors.kinds[kind]())

    def _call(
        self, session: requests.Session, kind: str, method: str, path: str, options: dict[str, Any]
    ) -> None:
        # As a proxy would name the visitors, who are many.
        visitor = {"X-Forwarded-For": f"10.0.{random.randrange(VISITORS)}.1"}
        headers = options.pop("headers", {}) | visitor
        began = time.perf_counter()
        try:
            answer = session.request(
                method, self._url + path, timeout=30, headers=headers, **options
            )
            problem = None if answer.status_code < 300 else f"{kind}: {answer.status_code}"
        except requests.RequestException as error:
            problem = f"{kind}: {type(error).__name__}"
        took = (time.perf_counter() - began) * 1000
        with self._lock:
            self.all[kind].append(took)
            self.recent.append(took)
            if problem:
                self.errors[problem] += 1

    def take_recent(self) -> list[float]:
        with self._lock:
            recent, self.recent = self.recent, []
            return recent


def percentiles(times: list[float]) -> str:
    if len(times) < 2:
        return "- | -"
    cuts = quantiles(times, n=100)
    return f"{cuts[49]:.1f} | {cuts[98]:.1f}"


def look_at(server: LiveServer, database_url: str) -> str:
    """Megabytes of each worker, connections to PostgreSQL, events waiting."""
    workers = psutil.Process(server.process.pid).children()
    memory = " + ".join(str(worker.memory_info().rss >> 20) for worker in workers)
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity where application_name = 'tutor-marketplace'"
            )
            connections = cursor.fetchone()[0]
    finally:
        connection.close()
    metrics = requests.get(f"{server.url}/metrics", timeout=30).text
    depth = [line for line in metrics.splitlines() if line.startswith("activity_event_queue_depth")]
    waiting = sum(float(line.rpartition(" ")[2]) for line in depth)
    return f"{memory} | {connections} | {waiting:.0f}"


def fill(settings: dict[str, Any]) -> dict[int, str]:
    """The demo's people in an empty database; the ids and access tokens of its tutors."""
    for command in (["db", "upgrade"], ["seed-demo", "--quiet"]):
        subprocess.run(
            [sys.executable, "-m", "flask", *command],
            cwd=ROOT,
            env=os.environ | {name: str(value) for name, value in settings.items()},
            check=True,
            stdout=subprocess.DEVNULL,
        )
    app = create_app(settings)
    with app.app_context():
        tutors = app.test_client().get("/api/marketplace/tutors/?page_size=100").json
        return {card["id"]: issue_access_token(card["id"]) for card in tutors["results"]}


def run(soak: Soak, server: LiveServer, database_url: str, minutes: float, clients: int) -> None:
    print("| minute | calls | p50 ms | p99 ms | worker MB | connections | events waiting |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    ends = time.monotonic() + minutes * 60
    with ThreadPoolExecutor(clients) as threads:
        running = [threads.submit(soak.client) for _ in range(clients)]
        minute = 0
        while time.monotonic() < ends:
            time.sleep(min(60.0, max(0.0, ends - time.monotonic())))
            minute += 1
            recent = soak.take_recent()
            held = look_at(server, database_url)
            print(f"| {minute} | {len(recent)} | {percentiles(recent)} | {held} |", flush=True)
        soak.stop()
        for each in running:
            each.result()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=100, help="calls a second, of all clients")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tutor-marketplace-soak-") as name:
        folder = Path(name)
        with Servers(folder / "servers") as urls:
            assert urls.database_url
            settings = {
                "APP_ENV": "testing",
                "DATABASE_URL": urls.database_url,
                "REDIS_URL": urls.redis_url or "",
                "SECRET_KEY": SECRET,
                "INSTANCE_DIR": str(folder / "instance"),
                "LOG_LEVEL": "WARNING",
                # Nobody logs in again in the course of it.
                "ACCESS_TOKEN_MINUTES": "600",
                "PROXY_HOPS": 1,
                "PUBLIC_READ_LIMIT": "1000000/minute",
            }
            tutors = fill(settings)
            server = LiveServer(settings, given.workers, 4, folder / "gunicorn.log")
            try:
                soak = Soak(server.url, Visitors(tutors), given.rate, given.clients)
                run(soak, server, urls.database_url, given.minutes, given.clients)
            finally:
                server.stop()
        log = (folder / "gunicorn.log").read_text()
    print("\n| of these | calls | p50 ms | p99 ms |\n| --- | --- | --- | --- |")
    for kind, times in soak.all.items():
        print(f"| {kind} | {len(times)} | {percentiles(times)} |")
    cores, load = os.cpu_count(), os.getloadavg()[1]
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {cores} cores, load {load:.1f}")
    print(f"errors: {dict(soak.errors) or 'none'}; logged: {log.count('level')} lines")
    raise SystemExit(bool(soak.errors))


if __name__ == "__main__":
    main()
