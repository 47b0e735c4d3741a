"""Every log line of a request carries the id that its answer quotes."""

import json
import logging
import socket
from urllib.parse import urlsplit

import pytest
import requests
import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.live_server import LiveServer

ID = "quoted-by-the-client"


def logged(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line[:1] == "{"]


@pytest.fixture
def failing(capsys, build):
    """A client of an application whose views fail in each way that is logged."""
    app = build()

    @app.get("/pool")
    def pool():
        raise PoolTimeout("pool is empty")

    @app.get("/library")
    def library():
        structlog.get_logger().warning("something is odd")
        return "fine"

    @app.get("/standard")
    def standard():
        logging.getLogger("another.package").warning("something is odd")
        return "fine"

    return app.test_client()


@pytest.mark.parametrize(
    ("path", "event"),
    [
        ("/probe/raise/crash/", "unforeseen failure"),
        ("/pool", "database unavailable"),
        ("/library", "something is odd"),
        ("/standard", "something is odd"),
    ],
)
def test_lines_of_the_application_and_its_libraries_do(failing, capsys, path, event):
    failing.get(path, headers={"X-Request-ID": ID})
    lines = logged(capsys)
    assert [line["request_id"] for line in lines if line["event"] in {event, "request"}] == [ID] * 2


def test_the_next_request_has_its_own(failing, capsys):
    failing.get("/pool", headers={"X-Request-ID": ID})
    failing.get("/pool", headers={"X-Request-ID": "the-next"})
    assert [line["request_id"] for line in logged(capsys)] == [
        ID,
        ID,
        "the-next",
        "the-next",
    ]


def test_the_notice_of_a_malformed_request_does(app, live_server):
    address = urlsplit(live_server.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/9.9\r\nHost: a\r\n\r\n")
        received = connection.recv(65536).decode()
    request_id = json.loads(received.partition("\r\n\r\n")[2])["instance"].removeprefix("urn:uuid:")
    assert f"X-Request-ID: {request_id}" in received
    (line,) = [each for each in live_server.log.read_text().splitlines() if request_id in each]
    assert "Invalid request" in line


def test_a_failure_that_only_gunicorn_can_answer_for_does(settings, tmp_path):
    log = tmp_path / "log"
    server = LiveServer(settings, 1, 1, log, application="tests.common.server.broken_app:app")
    try:
        answer = requests.get(f"{server.url}/x", timeout=20)
    finally:
        server.stop()
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    (line,) = [each for each in log.read_text().splitlines() if "RuntimeError" in each]
    assert answer.headers["X-Request-ID"] in line
    assert "secret-value" not in log.read_text()
