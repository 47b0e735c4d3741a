"""`python -m tests.hostile_mix --minutes 60`: hostile clients beside a normal mix of calls.

Measures the normal mix undisturbed, then beside the attacks, and prints what it noticed: its
times, the growth of the database, the memory of the workers, and every answer that is neither
expected nor a 503 with `Retry-After`. Ends with status 1 if there was any. Starts servers of its
own on loopback, and leaves nothing behind.
"""

import argparse
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles

import psutil
import psycopg2

from common.embedded import Servers
from tests.hostile_mix.attacks import Attacks, Outcome, attack, run_for
from tests.live_server import LiveServer
from tests.soak.clients import Soak, percentiles
from tests.soak.demo_data import SECRET, fill
from tests.soak.visitors import Visitors

CLIENTS = 8
SHORTEST_BASELINE_SECONDS = 15
COURSE_ROWS = 12


def times_of(soak: Soak) -> list[float]:
    """Milliseconds of the 50th and the 99th percentile of all calls."""
    cuts = quantiles([each for times in soak.all.values() for each in times], n=100)
    return [cuts[49], cuts[98]]


def times_by_kind(soaks: list[Soak]) -> None:
    """Print the same for each kind of call, undisturbed and beside the attacks."""
    print("\n| of the normal mix | p50 | p99 ms undisturbed | p50 | p99 ms beside the attacks |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for kind in soaks[0].all:
        print(f"| {kind} | {' | '.join(percentiles(soak.all[kind]) for soak in soaks)} |")


def database_megabytes(url: str) -> float:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("checkpoint")
            cursor.execute("select pg_database_size(current_database())")
            return float(cursor.fetchone()[0]) / 2**20
    finally:
        connection.close()


def worker_megabytes(server: LiveServer) -> list[int]:
    workers = psutil.Process(server.process.pid).children()
    return [worker.memory_info().rss >> 20 for worker in workers]


def course(
    soak: Soak, server: LiveServer, database_url: str, over: threading.Event, minutes: float
) -> None:
    """Print every so many minutes how the normal mix fares and what the service holds."""
    print("| minute | calls | p50 ms | p99 ms | worker MB | database MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    row = 0
    while not over.wait(minutes * 60):
        row += 1
        recent = soak.take_recent()
        held = " + ".join(map(str, worker_megabytes(server)))
        size = database_megabytes(database_url)
        times = percentiles(recent)
        print(f"| {row * minutes:g} | {len(recent)} | {times} | {held} | {size:.0f} |", flush=True)


def report(
    soaks: list[Soak], hostiles: Outcome, growth: float, ordinary: float, memory: list[list[int]]
) -> None:
    """Print what was noticed; `growth` and what the normal mix alone would have added in MB."""
    undisturbed, disturbed = map(times_of, soaks)
    print("\n| normal mix | p50 ms | p99 ms |\n| --- | --- | --- |")
    print(f"| undisturbed | {undisturbed[0]:.1f} | {undisturbed[1]:.1f} |")
    print(f"| beside the attacks | {disturbed[0]:.1f} | {disturbed[1]:.1f} |")
    print(f"| ratio | {disturbed[0] / undisturbed[0]:.1f} | {disturbed[1] / undisturbed[1]:.1f} |")
    times_by_kind(soaks)
    print("\n| attack | calls | answers |\n| --- | --- | --- |")
    for kind, outcomes in hostiles.statuses.items():
        answers = ", ".join(f"{outcome}: {number}" for outcome, number in outcomes.most_common(6))
        print(f"| {kind} | {outcomes.total()} | {answers} |")
    print(f"\ngrowth of the database: {growth:.1f} MB")
    print(f"of the normal mix alone, as it grew undisturbed: {ordinary:.1f} MB")
    print(f"memory of the workers in MB: {memory[0]} before, {memory[1]} after")
    print(f"errors of the normal mix: {dict(soaks[1].errors) or 'none'}")
    print(f"wrong answers to the attacks: {dict(hostiles.wrong) or 'none'}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile_mix", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=10, help="calls a second of the normal mix")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--slow-clients", type=int, default=40)
    given = parser.parse_args()
    seconds = given.minutes * 60
    with tempfile.TemporaryDirectory(prefix="tutor-marketplace-hostile-") as name:
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
                # The normal mix names its visitors as a proxy would; the attacks come without one.
                "PROXY_HOPS": 1,
            }
            tutors = fill(settings)
            hostile_id, token = tutors.popitem()
            server = LiveServer(settings, given.workers, 4, folder / "gunicorn.log")
            try:
                soaks = [Soak(server.url, Visitors(tutors), given.rate, CLIENTS) for _ in range(2)]
                account = {"Authorization": f"Bearer {token}"}
                attacks = Attacks(account, [*tutors, hostile_id])
                # Caches are filled and languages loaded before anything is measured.
                warm = Soak(server.url, Visitors(tutors), given.rate, CLIENTS)
                run_for(5, [warm.stop], [warm.client] * CLIENTS)
                baseline = max(SHORTEST_BASELINE_SECONDS, min(240, seconds / 4))
                size = database_megabytes(urls.database_url)
                run_for(baseline, [soaks[0].stop], [soaks[0].client] * CLIENTS)
                ordinary = (database_megabytes(urls.database_url) - size) * seconds / baseline
                size, before = database_megabytes(urls.database_url), worker_megabytes(server)
                # In a process of their own: what is measured here is the service, and not how this
                # process shares its time.
                with ProcessPoolExecutor(1, get_context("spawn")) as others:
                    attacked = others.submit(
                        attack, server.url, attacks, given.slow_clients, seconds
                    )
                    over = threading.Event()
                    watch = partial(
                        course,
                        soaks[1],
                        server,
                        urls.database_url,
                        over,
                        given.minutes / COURSE_ROWS,
                    )
                    run_for(
                        seconds, [soaks[1].stop, over.set], [*[soaks[1].client] * CLIENTS, watch]
                    )
                    hostiles = attacked.result()
                growth = database_megabytes(urls.database_url) - size
                report(soaks, hostiles, growth, ordinary, [before, worker_megabytes(server)])
            finally:
                server.stop()
    raise SystemExit(bool(hostiles.wrong or soaks[1].errors))


if __name__ == "__main__":
    main()
