"""A mail reaches the server once it is due, and again where the server did not confirm it."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from common import clock
from common.config.mail_settings import DEVELOPMENT_SENDER
from common.mail.smtp import SmtpTransport
from tests.common.mail.conftest import SECRET, update_outbox
from tests.profiles.messages.outbox import waiting_mails


def counted(name):
    return REGISTRY.get_sample_value(f"mail_{name}_total") or 0


def test_a_mail_is_handed_over_whole_and_nothing_of_it_stays(write, deliver, handler, user):
    write()
    (waiting,) = waiting_mails()
    sent = counted("sent")
    assert deliver().sent == 1
    (envelope,), (message,) = handler.received, handler.messages()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@localhost", [user.email])
    assert message["To"] == user.email
    assert message["From"] == "no-reply@localhost"
    assert message["Subject"] == "Тема листа"
    assert message["Message-ID"] == waiting.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == waiting.created_at.replace(microsecond=0)
    plain, html = message.iter_parts()
    assert plain.get_content().splitlines() == waiting.text_body.splitlines()
    assert html.get_content().strip() == waiting.html_body
    assert envelope.original_content.isascii()
    assert waiting_mails() == []
    assert counted("sent") == sent + 1


def test_several_mails_leave_over_one_connection(write, deliver, handler):
    for number in range(5):
        write(kind=f"kind{number}")
    assert deliver().sent == 5
    assert len({id(each) for each in handler.received}) == 5
    assert REGISTRY.get_sample_value("mail_waiting") == 0


@pytest.mark.parametrize("part", ["recipient_reply", "data_reply"])
@pytest.mark.parametrize("code", [421, 450, 451])
def test_a_mail_refused_for_now_waits_longer_each_time(write, deliver, handler, part, code):
    write()
    setattr(handler, part, f"{code} later")
    retried = counted("retried")
    for minutes in (0.5, 1, 2, 4):
        now = clock.now()
        report = deliver(ignore_backoff=True)
        assert (report.sent, report.postponed, report.failed) == (0, 1, 0)
        (mail,) = waiting_mails()
        delay = mail.next_attempt_at - now
        assert timedelta(minutes=minutes) <= delay < timedelta(minutes=minutes + 0.4)
    assert counted("retried") == retried + 4
    assert deliver().sent == 0
    setattr(handler, part, "250 OK")
    assert deliver().sent == 0
    assert deliver(ignore_backoff=True).sent == 1


def test_the_wait_between_two_attempts_has_a_limit(write, deliver, handler):
    write()
    update_outbox("attempts = 5000")
    handler.data_reply = "451 later"
    deliver()
    (mail,) = waiting_mails()
    assert mail.next_attempt_at - clock.now() <= timedelta(hours=1)


@pytest.mark.parametrize("part", ["recipient_reply", "data_reply"])
def test_a_mail_refused_for_good_is_given_up_at_once(write, deliver, handler, part):
    write()
    setattr(handler, part, "550 5.1.1 no such mailbox")
    failed = counted("failed")
    assert deliver().failed == 1
    assert waiting_mails() == []
    assert counted("failed") == failed + 1


def test_one_refused_mail_does_not_hold_up_the_next(write, deliver, handler):
    write(kind="first")
    write(kind="second")
    replies = iter(["550 no", "250 OK"])
    handler.on_data = lambda: setattr(handler, "data_reply", next(replies))
    report = deliver()
    assert (report.sent, report.failed) == (1, 1)


def test_a_mail_whose_confirmation_was_lost_is_sent_again_under_the_same_id(
    write, deliver, handler
):
    write()
    handler.cuts_after_data = 1
    assert deliver().postponed == 1
    assert len(waiting_mails()) == 1
    assert deliver(ignore_backoff=True).sent == 1
    first, second = handler.messages()
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()
    assert waiting_mails() == []


def test_after_a_cut_connection_the_next_mail_gets_a_new_one(write, deliver, handler):
    for number in range(3):
        write(kind=f"kind{number}")
    handler.cuts_after_data = 2
    report = deliver()
    assert (report.sent, report.postponed) == (1, 2)


def test_a_slow_server_costs_one_attempt(write, deliver, handler, server):
    write()
    handler.delay_seconds = 30
    transport = SmtpTransport(server.address, DEVELOPMENT_SENDER, step_timeout=0.2)
    assert deliver(transport).postponed == 1
    handler.delay_seconds = 0.05
    assert deliver(ignore_backoff=True).sent == 1


def test_while_the_server_is_away_no_attempt_counts(write, deliver, server, handler):
    write(kind="first")
    write(kind="second")
    server.stop()
    report = deliver()
    assert not report.is_available and report.postponed == 0
    assert [mail.attempts for mail in waiting_mails()] == [0, 0]
    assert all(mail.leased_until is None for mail in waiting_mails())
    server.start()
    assert deliver().sent == 2


def test_after_three_days_a_mail_is_given_up_and_counted(write, deliver, server, handler):
    write()
    server.stop()
    update_outbox("give_up_at = :now", now=clock.now() + timedelta(hours=1))
    assert deliver().failed == 0
    update_outbox("give_up_at = :now", now=clock.now())
    failed = counted("failed")
    assert deliver().failed == 1
    assert waiting_mails() == []
    assert counted("failed") == failed + 1
    assert handler.received == []


def test_a_mail_is_tried_last_when_it_is_given_up(write, deliver, handler):
    write(valid_until=clock.now() + timedelta(seconds=20))
    handler.data_reply = "451 later"
    deliver()
    (mail,) = waiting_mails()
    assert mail.next_attempt_at == mail.give_up_at


def test_no_line_of_the_log_holds_an_address_or_a_text(write, deliver, handler, server, log_lines):
    for reply in ("451 later, qvreader@example.org", "550 no qvreader@example.org", "250 OK"):
        write()
        handler.data_reply = handler.recipient_reply = reply
        deliver(ignore_backoff=True)
    write()
    server.stop()
    deliver()
    lines = log_lines()
    assert all(event in lines for event in ("mail refused", "mail sent", "mail server away"))
    assert "qvreader" not in lines and SECRET not in lines and "Привіт" not in lines
