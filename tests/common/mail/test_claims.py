"""Any number of processes send from one outbox, and nobody waits for their conversations."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import create_engine, text

from common import clock
from common.config.mail_settings import DEVELOPMENT_SENDER
from common.database.session import ENGINE_URL, db, engine_options
from common.mail.claims import LEASE, claim, release
from common.mail.delivery import deliver_due
from common.mail.smtp import CONVERSATION_TIMEOUT_SECONDS, SmtpTransport
from tests.common.mail.conftest import update_outbox
from tests.profiles.messages.outbox import waiting_mails

SENDERS = 5
MAILS = 20


def test_senders_at_once_send_each_mail_once(app, write, server, handler):
    for number in range(MAILS):
        write(kind=f"kind{number}")
    together = threading.Barrier(SENDERS)

    def send():
        engine = create_engine(ENGINE_URL, **engine_options(app.config))
        together.wait()
        try:
            return deliver_due(engine, SmtpTransport(server.address, DEVELOPMENT_SENDER)).sent
        finally:
            engine.dispose()

    with ThreadPoolExecutor(SENDERS) as pool:
        sent = [each.result() for each in [pool.submit(send) for _ in range(SENDERS)]]
    assert sum(sent) == MAILS
    ids = [message["Message-ID"] for message in handler.messages()]
    assert len(ids) == len(set(ids)) == MAILS
    assert waiting_mails() == []


def test_a_claimed_mail_is_free_again_when_its_lease_ends(write, engine):
    write()
    now = clock.now()
    mail = claim(engine, now, now)
    assert mail.attempts == 1
    assert claim(engine, now, now) is None
    assert claim(engine, now + LEASE - timedelta(seconds=1), now) is None
    later = claim(engine, now + LEASE, now)
    assert (later.id, later.message_id, later.attempts) == (mail.id, mail.message_id, 2)


def test_a_released_mail_is_as_if_it_had_not_been_claimed(write, engine):
    write()
    before = waiting_mails()[0].attempts
    release(engine, claim(engine, clock.now(), clock.now()))
    (mail,) = waiting_mails()
    assert (mail.attempts, mail.leased_until) == (before, None)


def test_no_conversation_outlasts_its_lease():
    assert timedelta(seconds=2 * CONVERSATION_TIMEOUT_SECONDS) < LEASE


def test_a_leased_mail_is_not_given_up_meanwhile(write, engine, deliver):
    write()
    claim(engine, clock.now(), clock.now())
    update_outbox("give_up_at = :now", now=clock.now())
    assert deliver().failed == 0
    assert len(waiting_mails()) == 1


def test_an_erasure_does_not_wait_for_a_mail_that_is_being_sent(write, deliver, handler, user):
    write()
    is_at_it, is_erased = threading.Event(), threading.Event()

    def in_conversation():
        is_at_it.set()
        assert is_erased.wait(30)

    handler.on_data = in_conversation
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(deliver)
        assert is_at_it.wait(30)
        db.session.execute(text("delete from users where id = :id"), {"id": user.id})
        db.session.commit()
        is_erased.set()
        assert sending.result().sent == 1
    assert waiting_mails() == []


def test_a_mail_to_an_erased_account_is_never_sent(write, deliver, handler, user):
    write()
    db.session.execute(text("delete from users where id = :id"), {"id": user.id})
    db.session.commit()
    assert deliver().sent == 0
    assert handler.received == []


def test_a_waiting_mail_can_be_replaced_while_it_is_being_sent(app, write, deliver, handler):
    write()
    replacements = iter([write])

    def replace_once():
        for write_again in replacements:
            with app.app_context():
                write_again()

    handler.on_data = replace_once
    assert deliver().sent == 2
    assert waiting_mails() == []
