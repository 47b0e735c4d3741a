"""The running service answers requests for a new password by itself, through a real mail server."""

import time
from collections.abc import Iterator

import pytest
import requests
from sqlalchemy import text

from common.database.session import db
from profiles.accounts.password_reset.reset_worker import ResetWorker
from tests.common.mail.mail_server import RunningServer
from tests.factories import make_user
from tests.profiles.accounts.endpoints import log_in
from tests.profiles.accounts.mailbox import CONFIRM_RESET, LINK, NEW_PASSWORD, RESET, mails
from tests.waiting import eventually


@pytest.fixture
def mail() -> Iterator[RunningServer]:
    running = RunningServer()
    yield running
    running.stop()


def test_from_the_request_to_the_new_password(serve, mail, app, client):
    server = serve(workers=2, MAIL_URL=mail.url)
    user = make_user(email="olena@example.org", ui_language="pl")
    for email in ("nobody@example.org", user.email):
        answer = requests.post(f"{server.url}{RESET}", json={"email": email})
        assert (answer.status_code, answer.content) == (202, b"")
    (message,) = eventually(mail.handler.messages)
    assert message["To"] == user.email
    assert message["Subject"] == "Ustaw nowe hasło"
    plain = message.get_body(("plain",)).get_content()
    ((path, token),) = LINK.findall(plain)
    assert path == "/reset-password"
    assert f"{app.config['FRONTEND_URL']}/reset-password#token={token}" in plain
    body = {"token": token, "new_password": NEW_PASSWORD}
    assert requests.post(f"{server.url}{CONFIRM_RESET}", json=body).status_code == 204
    assert log_in(client, user, NEW_PASSWORD).status_code == 200
    told = eventually(lambda: mail.handler.messages()[1:])
    assert [each["Subject"] for each in told] == ["Twoje hasło zostało zmienione"]


def test_the_thread_outlives_a_failure_and_answers_what_waited(make_app, app, monkeypatch, mail):
    monkeypatch.setattr("profiles.accounts.password_reset.reset_worker.RETRY_SECONDS", 0.05)
    working = make_app(MAIL_URL=mail.address)
    user = make_user()
    browser = working.test_client()
    rename = "alter table {} rename to {}"
    db.session.execute(text(rename.format("one_time_tokens", "away")))
    db.session.commit()
    try:
        assert browser.post(RESET, json={"email": user.email}).status_code == 202
        time.sleep(0.2)
        assert waiting() == 1
    finally:
        db.session.execute(text(rename.format("away", "one_time_tokens")))
        db.session.commit()
    eventually(lambda: waiting() == 0)
    worker: ResetWorker = working.extensions["password_reset_worker"]
    worker.close()
    working.extensions["mail_sender"].close()
    assert not worker.is_running


def test_flask_maintain_answers_what_a_killed_process_left_behind(app, client):
    user = make_user()
    client.post(RESET, json={"email": user.email})
    result = app.test_cli_runner().invoke(args=["maintain", "resets"])
    assert (result.exit_code, "1 answered" in result.output) == (0, True)
    assert mails() == [(user.email, "password_reset")]


def waiting():
    number = db.session.scalar(text("select count(*) from password_reset_requests"))
    db.session.rollback()
    return number
