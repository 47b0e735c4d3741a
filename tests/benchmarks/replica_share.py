"""`python -m tests.benchmarks.replica_share`: how much of PostgreSQL's work leaves the primary.

One process asks the same questions of an application without replicas and of one with a streaming
replica, and reads the CPU time of both servers' processes. Questions do not repeat within a block. With
`--saves` a profile whose public row changes is saved after every so many requests.
"""

import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import click
import psutil
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from activity import event_queue
from common.database.replicas import replicas
from common.database.session import dispose_engines
from common.embedded.postgres import Postgres
from tests.factories import as_user, make_tutor
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.replicas.cluster import Cluster
from wsgi import create_app

TUTORS = 5_000
EVENTS = 300
PUBLIC = "/api/marketplace"
# By name: the address of the n-th question.
LIST = f"{PUBLIC}/tutors/"
LETTERS, VOWELS = "abcdefghijklmnoprstuvwxyz", "aeiou"
WORKLOADS: dict[str, Callable[[int], str]] = {
    "filters": lambda n: f"{LIST}?price_max={200 + n}&ordering=-rating&page_size=20",
    "search, one word": lambda n: f"{LIST}?search=lessons&price_max={200 + n}",
    "search, two words": lambda n: f"{LIST}?search=patient+lessons&price_max={200 + n}",
    "facets of a search": lambda n: f"{PUBLIC}/facets/?search=lessons&price_max={200 + n}",
    "suggestions": lambda n: f"{PUBLIC}/suggestions/?q={LETTERS[n % 25]}{VOWELS[n // 25 % 5]}",
    "similar tutors": lambda n: f"{LIST}{1_000_000 + n}/similar/",
    "a person's log": lambda n: f"/api/me/activity/?page_size={20 + n % 30}",
}


@click.command()
@click.option("--requests", default=400, show_default=True, help="Of each workload.")
@click.option("--saves", default=0, show_default=True, help="Save after so many; 0: never.")
def main(requests: int, saves: int) -> None:
    """Print CPU time of the primary for each request, alone and with a replica, and the replica's."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder) / "cluster")
        try:
            standby = cluster.add_standby()
            alone = create_app(cluster.settings | {"LIST_CACHE_SECONDS": 0})
            shared = create_app(
                cluster.settings | {"LIST_CACHE_SECONDS": 0, "READ_DATABASE_URLS": (standby.url,)}
            )
            with alone.app_context():
                store_tutors(generate_tutors(TUTORS))
                person = as_user(alone.test_client(), make_tutor())
            for _ in range(EVENTS):
                person.post("/api/me/activity/trigger/", json={"action": "lesson.card.opened"})
            click.echo("| request | primary alone | primary beside a replica | replica | leaves |")
            click.echo("| --- | ---: | ---: | ---: | ---: |")
            for name, address in WORKLOADS.items():
                token = person.environ_base["HTTP_AUTHORIZATION"]
                run = Run(address, token, requests, saves, person)
                before, _ = run.measure(alone, cluster.primary, standby)
                after, moved = run.measure(shared, cluster.primary, standby)
                share = 100 * (1 - after / before) if before else 0
                click.echo(f"| {name} | {before:.0f} | {after:.0f} | {moved:.0f} | {share:.0f} % |")
            with shared.app_context():
                click.echo(f"\n{dict(replicas().counts)}")
            for app in (alone, shared):
                with app.app_context():
                    event_queue().close()
                    dispose_engines()
        finally:
            cluster.stop()


class Run:
    """One workload."""

    def __init__(
        self, address: Callable[[int], str], token: str, requests: int, saves: int, saver: Any
    ) -> None:
        self._address, self._token, self._requests = address, token, requests
        self._saves, self._saver = saves, saver
        self._rates = count(300)

    def measure(self, app: Flask, primary: Postgres, standby: Postgres) -> tuple[float, float]:
        """CPU µs of each server for a request. The first requests open connections."""
        self._ask(app, range(20))
        began = _cpu_seconds(primary), _cpu_seconds(standby)
        self._ask(app, range(20, 20 + self._requests))
        ended = _cpu_seconds(primary), _cpu_seconds(standby)
        first, second = (
            1e6 * (after - before) / self._requests
            for before, after in zip(began, ended, strict=True)
        )
        return first, second

    def _ask(self, app: Flask, numbers: range) -> None:
        for number in numbers:
            path, _, query = self._address(number).partition("?")
            headers = {"Host": "localhost"}
            if "/me/" in path:
                headers["Authorization"] = self._token
            environ = EnvironBuilder(path, query_string=query, headers=headers).get_environ()
            body, status, _ = run_wsgi_app(app, environ, buffered=True)
            assert status.startswith(("200", "404")), (status, b"".join(body))
            if self._saves and number % self._saves == 0:
                changed = {"tutor_profile": {"hourly_rate": next(self._rates)}}
                self._saver.patch("/api/me/profile/", json=changed)


def _cpu_seconds(server: Postgres) -> float:
    """Of all processes of the server that live."""
    assert server.process is not None
    children = psutil.Process(server.process.pid).children()
    return sum(sum(child.cpu_times()[:2]) for child in children)


if __name__ == "__main__":
    main()
