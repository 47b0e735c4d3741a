"""The thread that sends: started with the first request, woken by a commit, ended in bounds."""

import os
import subprocess
import sys
import threading
import time

import pytest
import requests
from sqlalchemy import text

from common import clock
from common.config import ROOT
from common.config.mail_settings import starts_mail_threads
from common.database.session import db
from common.mail.outbox import put_mail
from common.mail.sender import mail_sender
from tests.common.mail.conftest import CONTENT, update_outbox
from tests.profiles.messages.outbox import waiting_mails
from tests.waiting import eventually


@pytest.fixture
def sender_app(make_app, server):
    """An application that sends to the test's server, in its context."""
    app = make_app(MAIL_URL=server.url, LOCK_TIMEOUT_MS=100)
    with app.app_context():
        yield app
        mail_sender().close(1)


def test_a_request_starts_the_thread_and_a_commit_wakes_it(sender_app, user, handler, monkeypatch):
    monkeypatch.setattr("common.mail.sender.POLL_SECONDS", 3600)
    assert sender_app.test_client().get("/healthz").status_code == 200
    eventually(lambda: "mail" in {thread.name for thread in threading.enumerate()})
    for number in range(2):
        put_mail(user.id, f"kind{number}", user.email, CONTENT)
        db.session.commit()
        eventually(lambda: len(handler.received) == number + 1)
    eventually(lambda: waiting_mails() == [])


def test_a_savepoint_does_not_take_the_commits_place(sender_app, user, handler, monkeypatch):
    monkeypatch.setattr("common.mail.sender.POLL_SECONDS", 3600)
    mail_sender().start()
    put_mail(user.id, "kind", user.email, CONTENT)
    with db.session.begin_nested():
        db.session.execute(text("select 1"))
    time.sleep(0.2)
    db.session.commit()
    eventually(lambda: len(handler.received) == 1)


def test_what_an_earlier_process_left_is_sent_by_the_next(sender_app, write, handler):
    write()
    sender_app.test_client().get("/healthz")
    eventually(lambda: len(handler.received) == 1)


def test_a_server_that_comes_back_gets_what_waits(sender_app, write, server, handler, monkeypatch):
    monkeypatch.setattr("common.mail.sender.POLL_SECONDS", 0.05)
    server.stop()
    write()
    mail_sender().start()
    time.sleep(0.3)
    server.start()
    eventually(lambda: len(handler.received) == 1)


def test_the_thread_outlives_a_database_that_is_away(sender_app, write, handler, monkeypatch):
    monkeypatch.setattr("common.mail.sender.POLL_SECONDS", 0.05)
    blocker = db.engine.connect()
    blocker.execute(text("lock table outbox_mails in access exclusive mode"))
    mail_sender().start()
    time.sleep(0.2)
    blocker.rollback()
    blocker.close()
    write()
    eventually(lambda: len(handler.received) == 1)


def test_ending_does_not_wait_for_a_server_that_is_silent(sender_app, write, handler):
    handler.delay_seconds = 20
    write()
    sender = mail_sender()
    sender.start()
    eventually(lambda: any(mail.leased_until for mail in waiting_mails()))
    thread = sender._thread
    sender.close(0.1)
    assert thread.is_alive()
    assert len(waiting_mails()) == 1


def test_a_closed_sender_starts_again(sender_app, write, handler):
    sender = mail_sender()
    sender.start()
    sender.close()
    sender.start()
    write()
    eventually(lambda: len(handler.received) == 1)


def test_a_forked_child_has_a_sender_of_its_own(sender_app):
    sender = mail_sender()
    sender.start()
    child = os.fork()
    if child == 0:
        os._exit(0 if not sender.is_running else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert sender.is_running


@pytest.mark.parametrize(
    ("environment", "url", "starts"),
    [
        ("development", None, True),
        ("production", "none", True),
        ("testing", None, False),
        ("testing", "smtp://127.0.0.1", True),
    ],
)
def test_tests_without_a_mail_server_keep_their_outbox(make_app, environment, url, starts):
    config = make_app(MAIL_URL=url).config | {"APP_ENV": environment}
    assert starts_mail_threads(config) is starts


def test_workers_send_once_what_a_request_commits(app, serve, server, handler, write):
    write()
    live = serve(workers=3, MAIL_URL=server.url)
    for _ in range(20):
        requests.get(f"{live.url}/healthz", timeout=20)
    eventually(lambda: len(handler.received) == 1)
    eventually(lambda: waiting_mails() == [])
    metrics = requests.get(f"{live.url}/metrics", timeout=20).text
    values = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line[:1] != "#")
    assert float(values["mail_sent_total"]) == 1
    assert float(values["mail_waiting"]) == 0
    live.stop()
    assert len(handler.received) == 1


SENDING = """
import wsgi
from common.mail.sender import mail_sender
with wsgi.create_app().app_context():
    mail_sender().drain()
"""


def test_a_killed_process_leaves_its_mail_to_the_next(
    app, settings, server, handler, write, deliver
):
    handler.delay_seconds = 60
    write()
    environment = {name: str(value) for name, value in settings.items() if value is not None}
    environment["MAIL_URL"] = server.url
    with subprocess.Popen([sys.executable, "-c", SENDING], cwd=ROOT, env=environment) as process:
        eventually(lambda: any(mail.leased_until for mail in waiting_mails()))
        process.kill()
    handler.delay_seconds = 0
    assert deliver().sent == 0
    (mail,) = waiting_mails()
    update_outbox("leased_until = :now", now=clock.now())
    assert deliver().sent == 1
    assert {each["Message-ID"] for each in handler.messages()} == {mail.message_id}
