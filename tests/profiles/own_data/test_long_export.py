"""The export of somebody with a million events, of which a server holds a few at a time."""

import re
from pathlib import Path

import pytest
import requests

from tests.database import on_server
from tests.factories import auth_header, make_user
from tests.faults.deployment import workers_of

pytestmark = pytest.mark.slow

EVENTS = 1_000_000
ACTION = b'"lesson.opened"'
# The noise of an allocator; one byte of each event would be a million.
NOISE_KIB = 20 * 1024


@pytest.fixture
def export(make_app, serve, fresh_database_url):
    """Reads the export of somebody with so many events: its bytes, and how many it holds."""
    app = make_app(DATABASE_URL=fresh_database_url)
    server = serve(workers=1, DATABASE_URL=fresh_database_url)

    def read(events):
        with app.app_context():
            user = make_user()
            headers = auth_header(user)
            add_events(fresh_database_url, user.id, events)
        size, number, rest = 0, 0, b""
        url = f"{server.url}/api/me/export/"
        with requests.get(url, headers=headers, stream=True, timeout=60) as answer:
            assert answer.status_code == 200
            for piece in answer.iter_content(1 << 20):
                size += len(piece)
                seen = rest + piece
                number += seen.count(ACTION)
                rest = seen[1 - len(ACTION) :]
        assert rest.rstrip().endswith(b"}")
        return size, number

    yield read, server
    server.stop()


def add_events(url, user_id, number):
    with on_server(url) as admin:
        admin.execute(
            """
            insert into activity_events (id, "timestamp", user_id, action, metadata, source)
            select gen_random_uuid(), now() - n * interval '1 second', %s, 'lesson.opened',
                   jsonb_build_object('n', n), 'client'
            from generate_series(1, %s) as n""",
            (user_id, number),
        )
        admin.execute("analyze activity_events")


def most_memory(server):
    """The most that the worker has ever held, in KiB."""
    (worker,) = workers_of(server)
    status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


@pytest.mark.timeout(900)
def test_a_million_events_take_no_more_memory_than_a_few_thousand(export):
    read, server = export
    short, number = read(5_000)
    assert number == 5_000
    before = most_memory(server)
    long, number = read(EVENTS)
    assert number == EVENTS
    assert long > 150 * short
    assert most_memory(server) - before < NOISE_KIB
