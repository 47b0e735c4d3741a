"""Whom the queue of requests takes for one client, and how clients fare over HTTP beside a flood."""

import re
import socket
import threading
from contextlib import closing
from urllib.parse import urlsplit

import psycopg2
import pytest

from common.server.threads.fair_queue import ALLOWANCE_SECONDS, _caller, caller_of


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "same"),
    [
        (("192.0.2.1", 4000), "", ("192.0.2.1", 5000)),
        (("192.0.2.1", 4000), "", ("::ffff:192.0.2.1", 5000)),
        (("2001:db8::1", 4000, 0, 0), "", ("2001:db8::2", 5000, 0, 0)),
        (("127.0.0.1", 4000), "192.0.2.1:4000", ("192.0.2.1", 5000)),
        (("127.0.0.1", 4000), "[2001:db8::1]:4000", ("2001:db8::2", 5000)),
        ("", "", ("no address", 1)),
    ],
)
def test_a_client_is_known_by_its_address_as_for_limits(peer, forwarded_for, same):
    assert caller_of(peer, forwarded_for) == caller_of(same, "")
    assert caller_of(peer, forwarded_for) != caller_of(("192.0.2.77", 1), "")


def test_texts_too_long_for_an_address_are_one_client_and_are_not_remembered():
    _caller.cache_clear()
    for number in range(5):
        caller_of(("127.0.0.1", 1), f"{number}" * 60_000)
    assert caller_of(("127.0.0.1", 1), "x" * 60_000) == caller_of(("no address", 1), "")
    assert _caller.cache_info().currsize <= 2


def call(url, forwarded_for, sent, statuses):
    """One request on a connection of its own, called like its client; says when it is sent."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(
            b"GET /api/marketplace/facets/?search=anything HTTP/1.1\r\nHost: localhost\r\n"
            b"X-Forwarded-For: %s\r\nX-Request-ID: from-%s\r\nConnection: close\r\n\r\n"
            % (forwarded_for.encode(), forwarded_for.encode())
        )
        sent.release()
        statuses.append(connection.recv(12))
        while connection.recv(65536):
            pass


def test_a_visitor_need_not_wait_behind_a_flood_of_another(serve, settings):
    server = serve(workers=1, threads=1, PROXY_HOPS=1, LOG_LEVEL="INFO")
    sent, statuses = threading.Semaphore(0), []
    flood, visitor = "192.0.2.1", "198.51.100.7"
    # What the flood has used before is what tells it from the visitor.
    call(server.url, flood, sent, statuses)
    callers = [*[flood] * 30, visitor, *[flood] * 30]
    clients = [
        threading.Thread(target=call, args=(server.url, each, sent, statuses)) for each in callers
    ]
    with closing(psycopg2.connect(settings["DATABASE_URL"])) as connection:
        with closing(connection.cursor()) as cursor:
            # The first of them waits here with the only thread, the others for it.
            cursor.execute("lock table public_revision in access exclusive mode")
            for each in clients:
                each.start()
            for _ in range(1 + len(clients)):
                sent.acquire()
            connection.rollback()
    for each in clients:
        each.join()
    assert {*statuses} <= {b"HTTP/1.1 200", b"HTTP/1.1 503"}
    # In the order in which the only thread answered: clients notice in any.
    answered = re.findall(r"from-([0-9.]+)", server.log.read_text(encoding="utf-8"))
    assert len(answered) == len(statuses) == 62
    # By their arrival there would be thirty before it.
    assert answered.index(visitor) < 15


def test_a_client_that_pauses_is_answered(serve, settings):
    server = serve(workers=1, threads=2, PROXY_HOPS=1, LOG_LEVEL="INFO")
    sent, statuses = threading.Semaphore(0), []
    flood, visitor = "192.0.2.1", "198.51.100.7"
    with closing(psycopg2.connect(settings["DATABASE_URL"])) as connection:
        with closing(connection.cursor()) as cursor:
            cursor.execute("lock table public_revision in access exclusive mode")
            heavy = threading.Thread(target=call, args=(server.url, flood, sent, statuses))
            heavy.start()
            # Longer than the allowance: the thread is held for as long as the table.
            heavy.join(2 * ALLOWANCE_SECONDS)
            connection.rollback()
    heavy.join()
    for caller in [visitor, flood, visitor, *[flood] * 5]:
        call(server.url, caller, sent, statuses)
    assert statuses == [b"HTTP/1.1 200"] * 9
