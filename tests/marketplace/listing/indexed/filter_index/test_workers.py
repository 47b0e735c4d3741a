"""Real processes behind one address: what a save changes has changed for the next request to each."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import requests
from flask import Flask

from tests.conftest import Serve
from tests.factories import auth_header, make_tutor
from tests.live_server import LiveServer
from tests.marketplace.generated_tutors import generate_tutors, store_tutors

LIST = "/api/marketplace/tutors/"
FACETS = "/api/marketplace/facets/"
FILTERS = {"subject": "math", "has_certifications": "true"}
READERS = 8


def ask(server: LiveServer, path: str) -> Any:
    # A connection of its own, for whichever process takes it.
    answer = requests.get(f"{server.url}{path}", params=FILTERS, timeout=20)
    assert answer.status_code == 200
    return answer.json()


def look(server: LiveServer) -> set[tuple[int, int, int]]:
    """What all processes say: listed, counted, and counted by facets."""
    with ThreadPoolExecutor(READERS) as pool:
        pages = pool.map(lambda _: ask(server, LIST), range(READERS))
        facets = pool.map(lambda _: ask(server, FACETS), range(READERS))
        return {
            (
                len(page["results"]),
                page["count"],
                sum(each["count"] for each in counted["subjects"] if each["code"] == "math"),
            )
            for page, counted in zip(pages, facets, strict=True)
        }


def test_what_is_hidden_is_in_no_count_of_any_process(app: Flask, live_server: LiveServer) -> None:
    tutor = make_tutor(subjects=["Математика"], certifications=["C2"])
    headers = auth_header(tutor)
    assert look(live_server) == {(1, 1, 1)}
    flags = ("show_subjects_publicly", "show_certifications_publicly", "public_profile_enabled")
    for flag in (*flags, *flags):
        for shown in (False, True):
            body = {"settings": {flag: shown}}
            answer = requests.patch(
                f"{live_server.url}/api/me/profile/", json=body, headers=headers, timeout=20
            )
            assert answer.status_code == 200, answer.json()
            assert look(live_server) == {(1, 1, 1) if shown else (0, 0, 0)}, flag


def test_a_process_that_starts_later_says_the_same(app: Flask, serve: Serve) -> None:
    store_tutors(generate_tutors(40))
    server = serve(workers=2)
    before = look(server)
    assert len(before) == 1
    # Gunicorn starts another in its place.
    children = psutil.Process(server.process.pid).children()
    os.kill(children[0].pid, signal.SIGKILL)
    psutil.wait_procs(children[:1], timeout=10)
    assert look(server) == before
    server.stop()
