"""`python -m tests.soak --minutes 10`: a realistic mix of calls on the demo data, for a while.

Prints, minute by minute, how long answers took and what the server holds; ends with status 1 if
any call failed. Starts servers of its own and leaves nothing behind.
"""

import argparse
import os
import platform
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg2
import requests

from common.embedded import Servers
from tests.live_server import LiveServer
from tests.soak.clients import Soak, percentiles
from tests.soak.demo_data import SECRET, fill
from tests.soak.visitors import Visitors


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
