"""Clients that ask for long pages and hardly read them, as the owner of one free account can."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import text

from common.database.session import db
from common.server.limits import MOST_BUFFERED_BYTES
from tests.factories import auth_header, make_tutor
from tests.faults.deployment import workers_of
from tests.waiting import eventually

THREADS = 4
# Twice those of a hundred saves of the longest texts.
EVENTS, EVENT_BYTES = 100, 120_000
PAGE_BYTES = EVENTS * EVENT_BYTES
PAGE = "/api/me/activity/?page_size=100"


@pytest.fixture
def server(serve):
    return serve(workers=1, threads=THREADS)


@pytest.fixture
def owner(app):
    with app.app_context():
        user = make_tutor()
        db.session.execute(
            text("""
                insert into activity_events (id, "timestamp", user_id, action, metadata, source)
                select gen_random_uuid(), now() - n * interval '1 second', :user_id, 'profile.updated',
                       jsonb_build_object('noted', repeat('n', :size)), 'server'
                from generate_series(1, :number) as n"""),
            {"user_id": user.id, "number": EVENTS, "size": EVENT_BYTES},
        )
        db.session.commit()
        yield auth_header(user)


@pytest.fixture
def ask(server, owner):
    """Opens so many connections that ask for the page and read nothing."""
    address = urlsplit(server.url)
    asked = f"GET {PAGE} HTTP/1.1\r\nHost: a\r\nAuthorization: {owner['Authorization']}\r\n\r\n"
    with ExitStack() as stack:

        def ask(number):
            for _ in range(number):
                slow = stack.enter_context(socket.socket())
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.connect((address.hostname, address.port))
                slow.sendall(asked.encode())

        yield ask


def open_connections(server):
    """How many clients the worker has."""
    (worker,) = workers_of(server)
    port = urlsplit(server.url).port
    found = worker.net_connections(kind="tcp")
    return sum(1 for each in found if each.raddr and each.laddr.port == port)


def test_they_occupy_no_thread(server, ask):
    ask(2 * THREADS)
    # All of them are being answered.
    eventually(lambda: open_connections(server) == 2 * THREADS)
    for _ in range(2 * THREADS):
        assert requests.get(f"{server.url}/healthz", timeout=20).status_code == 200


def test_their_answers_are_bounded_in_memory_all_together(server, ask):
    # A few megabytes of each wait in the system's buffers.
    held = MOST_BUFFERED_BYTES // (PAGE_BYTES // 2) + 1
    ask(2 * held)
    # Behind all of them, as it comes from the same address.
    assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200
    eventually(lambda: open_connections(server) <= held)
