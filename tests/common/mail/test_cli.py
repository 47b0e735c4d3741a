"""`flask send-mail` tries everything that waits, and says what became of it."""

from contextvars import Context

import pytest

from tests.common.mail.conftest import SECRET, update_outbox
from tests.profiles.messages.outbox import waiting_mails


@pytest.fixture
def run(make_app, server):
    def run_command(*arguments):
        return send_mail(make_app(MAIL_URL=server.url), *arguments)

    return run_command


def send_mail(app, *arguments):
    """Run the command outside of the test's own context, as a shell would."""
    return Context().run(app.test_cli_runner().invoke, args=["send-mail", *arguments])


def test_it_sends_what_waits_for_its_next_attempt_too(run, write, handler, server):
    write(kind="first")
    write(kind="second")
    update_outbox("next_attempt_at = now() + interval '1 hour'")
    done = run()
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        f"Handed to 127.0.0.1:{server.address.port}: 2",
        "Given up: 0",
        "Still waiting: 0",
    ]
    assert len(handler.received) == 2


def test_what_is_refused_is_told_by_the_status(run, write, handler):
    write(kind="first")
    handler.data_reply = "451 later"
    done = run()
    assert done.exit_code == 1
    assert "Still waiting: 1" in done.output
    handler.data_reply = "550 never"
    done = run()
    assert (done.exit_code, len(waiting_mails())) == (0, 0)
    assert "Given up: 1" in done.output


def test_a_server_that_is_away_is_said(run, write, server):
    write()
    server.stop()
    done = run()
    assert done.exit_code == 1
    assert "does not take mail at present" in done.output
    assert len(waiting_mails()) == 1


def test_a_dry_run_sends_nothing(run, write, handler):
    write()
    assert run("--dry-run").output == "Waiting: 1. Nothing was sent.\n"
    assert handler.received == []


def test_its_output_names_neither_address_nor_text(run, write, handler, user):
    write()
    handler.data_reply = "451 later"
    output = run().output
    assert user.email not in output and SECRET not in output


@pytest.mark.parametrize(("url", "destination"), [(None, "mail"), ("none", "nobody's mailbox")])
def test_without_a_server_it_writes_files_or_drops(make_app, write, url, destination):
    write()
    done = send_mail(make_app(MAIL_URL=url))
    first = done.output.splitlines()[0]
    assert first.startswith("Handed to ") and first.endswith(f"{destination}: 1")
    assert waiting_mails() == []
