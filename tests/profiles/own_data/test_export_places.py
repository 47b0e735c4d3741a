"""An export lasts as long as its reader wants, so only a few are sent at a time."""

import socket
from contextlib import ExitStack
from urllib.parse import urlsplit

import requests
from sqlalchemy import text

from common.database.session import db
from profiles.own_data.routes import EXPORTS, EXTENSION
from tests.factories import as_user, auth_header, make_student

EXPORT = "/api/me/export/"
THREADS = 4


def add_events(user_id, number):
    """Events of some four kilobytes each."""
    db.session.execute(
        text("""
            insert into activity_events (id, "timestamp", user_id, action, metadata, source)
            select gen_random_uuid(), now() - n * interval '1 second', :user_id, 'lesson.opened',
                   jsonb_build_object('noted', repeat('note ', 800)), 'client'
            from generate_series(1, :number) as n"""),
        {"user_id": user_id, "number": number},
    )
    db.session.commit()


def test_slow_readers_of_exports_leave_threads_for_others(app, serve):
    server = serve(workers=1, threads=THREADS)
    with app.app_context():
        user = make_student()
        # More than systems and the service buffer for a client.
        add_events(user.id, 4_000)
        headers = auth_header(user)
    address = urlsplit(server.url)
    asked = f"GET {EXPORT} HTTP/1.1\r\nHost: a\r\nAuthorization: {headers['Authorization']}\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(THREADS + EXPORTS + 2):
            slow = stack.enter_context(socket.socket())
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect((address.hostname, address.port))
            slow.sendall(asked.encode())
        for _ in range(THREADS):
            assert requests.get(f"{server.url}/healthz", timeout=20).status_code == 200
        refused = requests.get(f"{server.url}{EXPORT}", headers=headers, timeout=20)
        assert (refused.status_code, refused.json()["code"]) == (503, "busy")
        assert refused.headers["Retry-After"]
    # The slow ones have left.
    while (
        status := requests.get(f"{server.url}{EXPORT}", headers=headers, timeout=20).status_code
    ) != 200:
        assert status == 503


def test_a_place_is_free_again_when_an_export_has_been_sent(client):
    owner = as_user(client, make_student())
    places = client.application.extensions[EXTENSION]
    with ExitStack() as others:
        for _ in range(EXPORTS - 1):
            others.enter_context(places.take())
        for _ in range(2):
            sent = owner.get(EXPORT)
            assert sent.status_code == 200 and sent.get_json()["account"]
            assert owner.head(EXPORT).status_code == 200
        with places.take():
            assert owner.get(EXPORT).status_code == 503
