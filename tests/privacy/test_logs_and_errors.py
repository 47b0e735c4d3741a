"""A whole tour of the service with telling values everywhere, good and bad, on a real gunicorn:
none of them is in any log line, metric, or error."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.database import create_database, drop_database, on_server
from tests.live_server import LiveServer
from tests.profiles.avatars.pictures import picture

CANARY = re.compile(r"canary[a-z0-9]+", re.IGNORECASE)
PASSWORD, WRONG_PASSWORD = "canarypassword 1", "canaryguess 1"
EMAIL, NAME = "canaryemail@example.org", "Canaryname"
TEXTS = {
    "headline": "canaryheadline",
    "bio": "canarybio",
    "subjects": ["canarysubject"],
    "certifications": ["canarycertification"],
}
# These refuse whatever holds them, in PostgreSQL, whose errors quote the row.
REFUSED, BROKEN = "canaryrefused", "canarybroken"
# And this one lets an export break off in the middle.
UNREADABLE = """
    create function refuse(text) returns boolean language plpgsql as
        $$ begin raise exception 'canaryreading of %', $1; end $$;
    alter table activity_events rename to away;
    create view activity_events as select * from away where refuse(metadata::text)"""
READABLE = "drop view activity_events; alter table away rename to activity_events"
FAULTS = f"""
    alter table tutor_profiles add constraint no_such_bio check (bio <> '{REFUSED}');
    create function fail() returns trigger language plpgsql as
        $$ begin raise exception 'cannot store %', new; end $$;
    create trigger fail before insert on activity_events for each row
        when (new.metadata::text like '%{BROKEN}%') execute function fail();
"""


class Tour:
    """Calls everything, and keeps what errors say."""

    def __init__(self, server: LiveServer) -> None:
        self.url = server.url
        self.http = requests.Session()
        self.errors: list[str] = []
        self.metrics: list[str] = []
        self.secrets: list[str] = []
        self.statuses: list[int] = []

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        answer = self.http.request(method, self.url + path, timeout=30, **options)
        self.statuses.append(answer.status_code)
        if answer.status_code >= 400:
            problem = answer.json()
            # A failed precondition hands the draft to its owner: this is its purpose.
            problem.pop("current", None)
            self.errors.append(json.dumps(problem, ensure_ascii=False))
            self.errors.append(str(answer.headers))
        return answer

    def log_in(self, password: str) -> requests.Response:
        body = {"email": EMAIL, "password": password}
        answer = self.call("POST", "/api/auth/login/", json=body)
        if answer.ok:
            self.secrets += [answer.json()["access"], answer.cookies["refresh"]]
            self.http.headers["Authorization"] = f"Bearer {answer.json()['access']}"
        return answer

    def raw(self, request: str) -> None:
        """Something that is hardly HTTP."""
        address = urlsplit(self.url)
        with socket.create_connection((address.hostname or "", address.port or 0), 10) as wire:
            wire.sendall(request.encode())
            wire.settimeout(10)
            self.errors.append(wire.recv(65536).decode())


def registers(tour: Tour) -> None:
    body = {"email": EMAIL, "password": PASSWORD, "first_name": NAME, "last_name": NAME}
    tour.call("POST", "/api/auth/register/", json={**body, "role": "tutor"})
    tour.call("POST", "/api/auth/register/", json=body)
    tour.call("POST", "/api/auth/register/", json={**body, "password": "canary1"})
    tour.call("POST", "/api/auth/register/", json={**body, "timezone": "Canary/Zone"})
    tour.call("POST", "/api/auth/register/", json={**body, "role": "canaryrole"})


def logs_in(tour: Tour) -> None:
    tour.log_in(WRONG_PASSWORD)
    assert tour.log_in(PASSWORD).ok
    tour.call("POST", "/api/auth/refresh/")
    tour.secrets += tour.http.cookies.values()
    for token in ("canarytoken", "A" * 64):
        tour.http.cookies.set("refresh", token, path="/api/auth")
        tour.call("POST", "/api/auth/refresh/")
    bearer = {"Authorization": "Bearer canarybearer.canary.canary"}
    tour.call("GET", "/api/me/profile/", headers=bearer)
    tour.call("GET", "/api/marketplace/tutors/?q=canaryquery", headers=bearer)


def edits(tour: Tour) -> None:
    tour.call("PATCH", "/api/me/profile/", json={"tutor_profile": TEXTS})
    bad = {"headline": "canaryheadline" * 20, "languages": ["canarylanguage"], "bio": 1}
    for body in (
        {"tutor_profile": bad},
        {"tutor_profile": {"bio": "canary\x00zero"}},
        {"tutor_profile": {"subjects": ["canarysubject", "CANARYSUBJECT"]}},
        {"user": {"timezone": "canaryzone"}, "settings": {"timezone": "Europe/Kyiv"}},
        {"settings": {"ui_language": "canarylanguage"}},
        {"tutor_profile": {"bio": REFUSED}},
    ):
        tour.call("PATCH", "/api/me/profile/", json=body)
        tour.call("PATCH", "/api/me/profile/autosave/", json=body)
        tour.call("POST", "/api/me/profile/autosave/publish/")
    stale = {"If-Match": '"canaryetag"'}
    tour.call("PATCH", "/api/me/profile/autosave/", json={"tutor_profile": TEXTS}, headers=stale)
    tour.call("POST", "/api/me/profile/snapshots/canarysnapshot/restore/")
    for form in ({"avatar": ("canaryfile.png", picture())}, {"avatar": ("canary", b"canarybytes")}):
        tour.call("POST", "/api/me/avatar/", files=form)
    for text in ('{"canarykey": ', '"canarytext"', "canarytext", '["canary"'):
        json_type = {"Content-Type": "application/json"}
        tour.call("PATCH", "/api/me/profile/", data=text, headers=json_type)


def is_watched(tour: Tour) -> None:
    event = {"action": "lesson.opened", "metadata": {"note": "canarynote"}}
    tour.call("POST", "/api/me/activity/trigger/", json=event)
    tour.call("POST", "/api/me/activity/trigger/", json={**event, "action": "Canary action"})
    key = {"Idempotency-Key": "canarykey" * 40}
    tour.call("POST", "/api/me/activity/trigger/", json=event, headers=key)
    broken = {**event, "metadata": {"note": BROKEN}}
    tour.call("POST", "/api/me/activity/trigger/", json=broken)
    valid = {**event, "message_id": "canaryid"}
    tour.call("POST", "/api/activity/events/", json={"events": [valid, {"action": "canary"}]})
    batch = {"events": [broken, {"action": "canary"}]}
    tour.call("POST", "/api/activity/events/", json=batch)
    tour.call("GET", "/api/me/activity/?cursor=canarycursor")
    tour.call("GET", "/api/me/activity/?date_from=canarydate")
    # Its implicit event can't be stored.
    tour.call("GET", f"/api/marketplace/tutors/?q={BROKEN}")


def searches(tour: Tour) -> None:
    for question in ("q=canarysearch", "subject=canarysubject", "ordering=canaryordering"):
        tour.call("GET", f"/api/marketplace/tutors/?{question}")
    tour.call("GET", "/api/marketplace/tutors/?q=canaryone&search=canarytwo")
    tour.call("GET", "/media/avatars/canaryavatar.webp")
    tour.call("GET", "/canarypath/?token=canarytoken")
    tour.raw("GET /canaryline HTTP/9.9\r\nAuthorization: Bearer canarybearer\r\n\r\n")
    tour.raw("GET / HTTP/1.1\r\nHost: x\r\nAuthorization canarybearer\r\n\r\n")
    tour.raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: canarylength\r\n\r\n")


def leaves(tour: Tour) -> None:
    tour.call("DELETE", "/api/me/", json={"password": WRONG_PASSWORD})
    tour.call("DELETE", "/api/me/", json={"password": PASSWORD})


@pytest.fixture(scope="module")
def database(servers: Any, migrated_database: str) -> Iterator[str]:
    name = "marketplace_tour"
    yield create_database(servers.database_url, name, template=migrated_database)
    drop_database(servers.database_url, name)


@pytest.fixture(scope="module")
def server(module_serve: Callable[..., LiveServer], database: str, scratch: Path) -> LiveServer:
    return module_serve(
        workers=1,
        DATABASE_URL=database,
        LOG_LEVEL="DEBUG",
        SECRET_KEY="canarysecret of the server - long enough to be taken",
        RATE_LIMITS_ENABLED=False,
        MEDIA_DIR=str(scratch / "tour-media"),
    )


@pytest.fixture(scope="module")
def tour(server: LiveServer, database: str) -> Tour:
    """Taken once; then the database fails in several ways, and it is taken again in part."""
    with on_server(database) as admin:
        admin.execute(FAULTS)
        tour = Tour(server)
        for part in (registers, logs_in, edits, is_watched, searches):
            part(tour)
        for table in ("public_tutors", "activity_events", "profile_drafts", "refresh_tokens"):
            admin.execute(f"alter table {table} rename to away")
            for part in (searches, is_watched, edits, logs_in_again):
                part(tour)
            admin.execute(f"alter table away rename to {table}")
        admin.execute(UNREADABLE)
        logs_in_again(tour)
        admin.execute(READABLE)
        admin.execute("""
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()""")
        for part in (searches, edits, logs_in_again, leaves):
            part(tour)
    server.stop()
    return tour


def logs_in_again(tour: Tour) -> None:
    tour.log_in(PASSWORD)
    tour.metrics.append(tour.call("GET", "/metrics").text)
    tour.call("GET", "/api/users/me/")
    try:
        tour.http.get(f"{tour.url}/api/me/export/", timeout=30)
    except requests.RequestException:
        # Cut off in mid-stream.
        pass


def private_values(text: str, tour: Tour) -> set[str]:
    return set(CANARY.findall(text)) | {secret for secret in tour.secrets if secret in text}


def test_the_tour_met_what_it_came_for(tour: Tour) -> None:
    assert {200, 201, 202, 204, 400, 401, 404, 409, 412, 415, 422, 500} <= set(tour.statuses)
    assert len(tour.secrets) > 3


def test_no_log_line_holds_anything_private(tour: Tour, server: LiveServer) -> None:
    log = server.log.read_text()
    assert '"route":"/api/me/profile/"' in log
    # Answered by the application, and what only gunicorn could notice.
    assert '"event":"unforeseen failure"' in log and "RaiseException at [" in log
    assert "Invalid request from" in log and "Traceback" not in log
    assert private_values(log, tour) == set()


def test_no_metric_holds_anything_private(tour: Tour) -> None:
    assert any("http_request_seconds" in each for each in tour.metrics)
    assert private_values("\n".join(tour.metrics), tour) == set()


def test_no_error_holds_anything_private(tour: Tour) -> None:
    assert private_values("\n".join(tour.errors), tour) == set()


def test_the_database_of_an_embedded_server_logs_nothing_private(tour: Tour, scratch: Path) -> None:
    logs = [path.read_text(errors="replace") for path in scratch.rglob("server.log")]
    assert private_values("\n".join(logs), tour) == set()
