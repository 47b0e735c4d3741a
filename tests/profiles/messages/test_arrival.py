"""From a request to the mailbox: what a person asks for arrives, and its link works."""

import re
from collections.abc import Iterator

import pytest

from common.mail.sender import mail_sender
from tests.common.mail.mail_server import RunningServer
from tests.common.mail.test_sender import eventually
from tests.profiles.accounts.endpoints import register


@pytest.fixture
def server() -> Iterator[RunningServer]:
    running = RunningServer()
    yield running
    running.stop()


@pytest.fixture
def browser(make_app, server):
    """A visitor of an application that sends to the server."""
    app = make_app(MAIL_URL=server.url, FRONTEND_URL="https://app.example")
    yield app.test_client()
    with app.app_context():
        mail_sender().close(1)


@pytest.mark.usefixtures("app")
def test_a_registration_is_confirmed_by_the_link_that_arrives(browser, server):
    answer = register(browser, email="olena@example.org")
    assert answer.status_code == 201
    eventually(lambda: server.handler.received)
    (message,) = server.handler.messages()
    assert message["To"] == "olena@example.org"
    text = message.get_body(("plain",)).get_content()
    (token,) = re.findall(r"^https://app\.example/verify-email#token=(\S+)", text, re.M)
    header = {"Authorization": f"Bearer {answer.json['access']}"}
    assert not browser.get("/api/users/me/", headers=header).json["email_verified"]
    assert browser.post("/api/auth/verify-email/", json={"token": token}).status_code == 204
    assert browser.get("/api/users/me/", headers=header).json["email_verified"]


@pytest.mark.usefixtures("app")
def test_a_refused_registration_sends_nothing(browser, server):
    register(browser, email="olena@example.org")
    eventually(lambda: server.handler.received)
    assert register(browser, email="olena@example.org").status_code == 409
    with browser.application.app_context():
        assert mail_sender().drain().sent == 0
    assert len(server.handler.received) == 1
