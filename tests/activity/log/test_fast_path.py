"""Pages of the log that are answered before Flask routes, byte for byte as the view answers."""

from contextlib import closing
from datetime import timedelta

import orjson
import psycopg2
import pytest

from common.database.connections.connection import BoundedCursor
from common.http.acting_accounts import VERIFIED
from common.operations.logging import configure
from tests.activity.events import NOON, event, put
from tests.factories import auth_header

LOG = "/api/me/activity/"
PLAIN = [
    "",
    "?page_size=2",
    "?action=lesson.opened,lesson.closed&page_size=1",
    "?action=lesson.opened&action=lesson.closed",
    "?entity_type=lesson&date_from=2026-02-01",
    "?date_from=2026-02-01T00:00:00Z&date_to=2026-02-16",
    "?date_to=1970-01-01T00:00:00Z",
    "?limit=3",
    "?action=never.happened",
]
ODD = [
    "?page_size=0",
    "?page_size=2&page_size=3",
    "?unknown=1",
    "?action=%00",
    "?before=00000000-0000-7000-8000-000000000000",
    "?before=x",
    "?cursor=x",
    "?date_from=2026-02-02&date_to=2026-02-01",
    "?action=lesson.opened%2Clesson.closed&page_size=+2",
]


class Switch:
    """Counts what is answered before Flask, and turns that off."""

    def __init__(self, app, monkeypatch):
        self.answered = 0
        fast_paths = app.fast_paths

        def count(environ, start):
            answers = (fast_path(environ, start) for fast_path in fast_paths)
            answer = next((each for each in answers if each is not None), None)
            self.answered += answer is not None
            return answer

        self._set = lambda paths: monkeypatch.setattr(app, "fast_paths", paths)
        self._set([count])

    def turn_off(self):
        self._set([])


@pytest.fixture
def switch(app, monkeypatch):
    return Switch(app, monkeypatch)


@pytest.fixture
def events(user):
    kinds = [("lesson.opened", "lesson"), ("lesson.closed", None), ("page.viewed", "page")]
    return put(
        *[
            event(
                user.id,
                NOON + timedelta(hours=n),
                action=kinds[n % 3][0],
                entity_type=kinds[n % 3][1],
                metadata={"n": n, "ї": None},
                ip_address="203.0.113.9" if n % 2 else None,
            )
            for n in range(7)
        ]
    )


@pytest.fixture
def ask(client, user):
    """Asks with a token that the process has verified; what matters of the answer."""
    bearer = auth_header(user)["Authorization"]
    assert client.get("/api/users/me/", headers={"Authorization": bearer}).status_code == 200

    def ask(query, **headers):
        sent = {"Authorization": bearer, "X-Request-ID": "same", "Origin": "http://localhost:5173"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = client.get(LOG + query, headers=sent)
        return answer.status_code, answer.data, sorted(answer.headers)

    return ask


def etag_of(answer):
    return dict(answer[2])["ETag"]


@pytest.mark.parametrize("query", PLAIN)
def test_both_answer_alike_with_and_without_a_copy(switch, events, ask, query):
    etag = etag_of(ask(query))
    conditions = ({}, {"If_None_Match": etag}, {"If_None_Match": '"another"'})
    conditions += ({"If_None_Match": f'W/{etag}, "b"'}, {"If_None_Match": "malformed"})
    before = switch.answered
    quick = [ask(query, **each) for each in conditions]
    assert switch.answered == before + len(conditions)
    switch.turn_off()
    assert [ask(query, **each) for each in conditions] == quick
    assert [status for status, _, _ in quick] == [200, 304, 200, 304, 200]


def test_both_walk_through_the_log_alike(switch, events, client, ask):
    walks = []
    for _ in range(2):
        query, walk = "?page_size=2&action=lesson.opened,page.viewed", []
        for _ in range(3):
            walk.append(ask(query))
            query = "?" + dict(walk[-1][2])["Link"].split(">")[0].split("?")[1]
        walks.append(walk)
        switch.turn_off()
    assert [status for status, _, _ in walks[0]] == [200] * 3
    assert walks[0][0] == walks[1][0]
    # Cursors are encrypted anew, so the pages after the first are compared by their events.
    first, second = ([each[1].split(b'"next"')[0] for each in walk] for walk in walks)
    assert first == second


@pytest.mark.parametrize("query", ODD)
def test_what_has_to_be_explained_is_the_views_to_say(switch, events, ask, query):
    before = switch.answered
    odd = ask(query)
    assert odd[0] in (400, 422) and switch.answered == before
    switch.turn_off()
    assert ask(query) == odd


def test_whatever_is_not_plain_is_left_to_the_view(switch, events, client, user, ask):
    before = switch.answered
    bearer = auth_header(user)["Authorization"]
    token = bearer.removeprefix("Bearer ")
    client.application.extensions[VERIFIED].clear()
    assert client.get(LOG, headers={"Authorization": bearer}).status_code == 200
    assert client.head(LOG, headers={"Authorization": bearer}).status_code == 200
    assert client.get(LOG, headers={"Authorization": f"bearer {token}"}).status_code == 200
    assert client.get(LOG).status_code == 401
    assert client.get(LOG, headers={"Authorization": "Bearer x"}).status_code == 401
    twice = {"Authorization": f"{bearer}, {bearer}"}
    assert client.get(LOG, headers=twice).status_code == 401
    assert ask("", If_Match="malformed")[0] == 400
    assert ask("", If_None_Match="x" * 2000)[0] == 400
    assert ask("", Host="a b")[0] == 400
    assert switch.answered == before


def test_a_line_is_logged_as_the_view_logs_it(switch, events, ask, capsys, user, app):
    configure("INFO")
    lines = []
    for _ in range(2):
        capsys.readouterr()
        ask("")
        (line,) = [orjson.loads(each) for each in capsys.readouterr().out.splitlines()]
        lines.append({name: line[name] for name in line if name not in ("time", "duration_ms")})
        switch.turn_off()
    configure(app.config["LOG_LEVEL"])
    assert switch.answered == 1
    assert lines[0] == lines[1]
    assert (lines[0]["route"], lines[0]["user_id"], lines[0]["status"]) == (LOG, user.id, 200)


def test_a_cancelled_statement_is_a_503_and_is_not_tried_again(
    make_app, user, events, database_url, monkeypatch
):
    app = make_app(STATEMENT_TIMEOUT_MS=300, LOCK_TIMEOUT_MS=10_000)
    client = app.test_client()
    headers = auth_header(user)
    # To prepare a statement waits for the lock, too: later only its execution does.
    for _ in range(4):
        assert client.get(LOG, headers=headers).status_code == 200
    sent, execute = [], BoundedCursor.execute
    monkeypatch.setattr(
        BoundedCursor, "execute", lambda *args: sent.append(args[1]) or execute(*args)
    )
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("lock table activity_events in access exclusive mode")
        answer = client.get(LOG, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
    assert len(sent) == 1
    assert client.get(LOG, headers=headers).status_code == 200
