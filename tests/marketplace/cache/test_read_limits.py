"""The limit of public reads over several workers and releases of them, through HTTP."""

import itertools
import time
from collections.abc import Iterator

import requests
from flask import Flask

from common.http.limits.rate_limit import QUOTA_EXCEEDED
from tests.conftest import Serve
from tests.marketplace.generated_tutors import generate_tutors, store_tutors
from tests.marketplace.list_requests import ADDRESS

LIMIT = 40
# Refusals one after the other; connections go to workers evenly. More of a worker's would wait.
IN_A_ROW = 8


def reads(url: str) -> Iterator[requests.Response]:
    """Reads that no cache answers, over connections of their own, so that any worker may take them."""
    kinds = (ADDRESS, "/api/marketplace/facets/")
    for number, kind in zip(itertools.count(), itertools.cycle(kinds)):
        yield requests.get(f"{url}{kind}?price_min={number}", timeout=20)


def read_until_refused(answers: Iterator[requests.Response]) -> int:
    """How many reads are accepted before all are refused."""
    accepted = refused = 0
    while refused < IN_A_ROW:
        # On a quick machine, too, processes exchange their counts long before the limit is reached twice.
        time.sleep(0.02)
        if next(answers).status_code == 200:
            accepted, refused = accepted + 1, 0
        else:
            refused += 1
    return accepted


def test_two_workers_refuse_together_and_say_so_alike(serve: Serve, app: Flask) -> None:
    store_tutors(generate_tutors(5))
    server = serve(workers=2, PUBLIC_READ_LIMIT=f"{LIMIT}/hour;1000/day")
    answers = reads(server.url)
    accepted, refusals = read_until_refused(answers), list[requests.Response]()
    while len(refusals) < 4:
        answer = next(answers)
        if answer.status_code == 200:
            # By a worker to which none of the last connections went.
            accepted += 1
        else:
            refusals.append(answer)
    # Beyond it is only what one lets through before it has learned of the other's.
    assert LIMIT <= accepted < 2 * LIMIT
    for refused in refusals:
        assert refused.status_code == 429
        assert refused.json()["type"] == QUOTA_EXCEEDED
        assert refused.json()["violated-policies"] == ["hour"]
        assert 1 <= int(refused.headers["Retry-After"]) <= 3601
        assert (
            refused.headers["RateLimit-Policy"] == f'"hour";q={LIMIT};w=3600, "day";q=1000;w=86400'
        )
        assert refused.headers["RateLimit"].startswith('"hour";r=0;t=')


def test_one_worker_is_exact_and_what_it_counted_counts_for_its_successor(
    serve: Serve, app: Flask
) -> None:
    store_tutors(generate_tutors(5))
    server = serve(workers=1, PUBLIC_READ_LIMIT=f"{LIMIT}/hour")
    answers = reads(server.url)
    statuses = [each.status_code for each in itertools.islice(answers, LIMIT + 2)]
    assert statuses == [200] * LIMIT + [429] * 2
    # At once: what the last interval counted is told by the worker that ends.
    server.stop()
    server.start()
    assert read_until_refused(answers) < LIMIT
