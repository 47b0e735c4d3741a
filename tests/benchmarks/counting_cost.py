"""`python -m tests.benchmarks.counting_cost`: what counting appearances adds to a list's CPU time.

In one process, blocks of requests that count nothing take turns with blocks that only count what
those requests have shown, so that whatever else the machine does meets both. Counting includes
writing: a window of the queue is one of the requests' CPU time, as on a core that is never idle. There
is no HTTP server around the application, whose cost would make the share smaller.
"""

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import click
import flask_migrate
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from activity import event_queue
from activity.queue.event_queue import FLUSH_SECONDS
from common.database.session import dispose_engines
from common.embedded import Servers
from marketplace.analytics import counting
from marketplace.analytics.shown import Search, ShownPage
from marketplace.cache import response_cache
from tests.conftest import test_settings
from tests.database import create_database
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from wsgi import create_app

LIST = "/api/marketplace/tutors/"
TUTORS = 2_000
WORKLOADS = {
    "default list, cached": [""],
    "filters": [f"price_max={price}&ordering=-rating" for price in range(200, 500)],
    "search": [f"search=lessons&price_max={price}" for price in range(200, 500)],
}


class Nothing(counting.Collector):
    """Counts nothing."""

    def add_page(self, page: ShownPage) -> None: ...
    def add_search(self, search: Search) -> None: ...


@click.command()
@click.option("--blocks", default=10, show_default=True, help="Blocks of each workload.")
@click.option("--seconds", default=1.0, show_default=True, help="CPU time of a block.")
def main(blocks: int, seconds: float) -> None:
    """Print the CPU time of each workload's requests, and what counting adds to it."""
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(Path(folder), ephemeral=True)
        urls = servers.start()
        assert urls.database_url is not None
        try:
            url = create_database(urls.database_url, "counting_cost")
            app = create_app(
                test_settings(url, urls.redis_url, Path(folder))
                | {"INSIGHTS_CALLER_LIMIT": 1_000_000, "RATE_LIMITS_ENABLED": True}
            )
            with app.app_context():
                flask_migrate.upgrade()
                store_tutors(generate_tutors(TUTORS))
                for name, queries in WORKLOADS.items():
                    click.echo(f"{name}: {measure(app, queries, blocks, seconds)}")
                event_queue().close()
                dispose_engines()
        finally:
            servers.release()


def measure(app: Flask, queries: list[str], blocks: int, seconds: float) -> str:
    """One line about a workload: CPU time of a request, and of counting what it shows."""
    real: counting.Collector = app.extensions[counting.EXTENSION]
    environs = [
        EnvironBuilder(LIST, query_string=query, headers={"Host": "localhost"}).get_environ()
        for query in queries
    ]
    answering, counted = [], []
    for _ in range(blocks + 1):
        app.extensions[counting.EXTENSION] = Nothing(real.key)
        shown: list[ShownPage] = []
        answering.append(answer(app, environs, seconds, shown))
        app.extensions[counting.EXTENSION] = real
        counted.append(count(shown, int(FLUSH_SECONDS / answering[-1])))
    # The first block met empty caches.
    request, added = median(answering[1:]), median(counted[1:])
    return (
        f"{1e6 * request:.0f} µs a request, {1e6 * added:.1f} µs to count it,"
        f" {100 * added / request:.1f} %"
    )


def answer(
    app: Flask, environs: list[dict[str, Any]], seconds: float, shown: list[ShownPage]
) -> float:
    """CPU seconds of a request; `shown` takes what each shows."""
    cache = response_cache.ResponseCache.get
    started, number = time.process_time(), 0
    while time.process_time() - started < seconds:
        environ = dict(environs[number % len(environs)])
        run_wsgi_app(app, environ)
        number += 1
    spent = time.process_time() - started
    known = app.extensions[response_cache.EXTENSION]
    pages = [cache(known, response_cache.cache_key(environ)) for environ in environs]
    for at in range(number):
        page = pages[at % len(pages)]
        assert page is not None and isinstance(page.shown, ShownPage)
        shown.append(page.shown if len(pages) == 1 else replace(page.shown))
    return spent / number


def count(shown: list[ShownPage], window: int) -> float:
    """CPU seconds of counting one of the pages, and of its share in the writes."""
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64)"}
    event_queue().drain()
    started = time.process_time()
    for number, page in enumerate(shown, start=1):
        counting.count_shown(page, environ, None)
        if number % window == 0:
            event_queue().drain()
    event_queue().drain()
    return (time.process_time() - started) / len(shown)


if __name__ == "__main__":
    main()
