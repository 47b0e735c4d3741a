"""A mail is part of the transaction that it speaks of, and nobody can pile mails up."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from common.database.session import db
from common.mail.outbox import MOST_WAITING_PER_ACCOUNT
from common.mail.sender import mail_sender
from profiles.messages import MessageKind, enqueue
from tests.factories import make_user
from tests.profiles.messages.outbox import waiting_mails

HOUR = timedelta(hours=1)


def test_a_mail_waits_from_the_commit_on(app, user):
    enqueue(user, MessageKind.PASSWORD_CHANGED)
    db.session.rollback()
    assert waiting_mails() == []
    enqueue(user, MessageKind.PASSWORD_CHANGED)
    db.session.commit()
    (mail,) = waiting_mails()
    assert (mail.user_id, mail.kind, mail.recipient) == (user.id, "password_changed", user.email)
    assert mail.message_id.endswith("@localhost>")
    assert mail.give_up_at - mail.created_at == timedelta(days=3)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("uk", "Встановіть новий пароль"),
        ("en", "Set a new password"),
        ("pl", "Ustaw nowe hasło"),
    ],
)
def test_it_speaks_the_language_of_the_person(app, language, subject):
    user = make_user(ui_language=language)
    enqueue(user, MessageKind.PASSWORD_RESET, link_path="/reset#token=abc", valid_for=HOUR)
    db.session.commit()
    (mail,) = waiting_mails(user.id)
    assert mail.subject == subject
    assert "http://localhost:5173/reset#token=abc" in mail.text_body.splitlines()


def test_a_mail_whose_link_has_died_is_not_worth_sending(app, user):
    enqueue(user, MessageKind.PASSWORD_RESET, link_path="/reset", valid_for=HOUR)
    db.session.commit()
    (mail,) = waiting_mails()
    assert timedelta(minutes=59) < mail.give_up_at - mail.created_at <= HOUR


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (MessageKind.PASSWORD_RESET, {}),
        (MessageKind.PASSWORD_RESET, {"link_path": "/reset"}),
        (MessageKind.PASSWORD_RESET, {"valid_for": HOUR}),
        (MessageKind.PASSWORD_CHANGED, {"link_path": "/reset", "valid_for": HOUR}),
        (MessageKind.PASSWORD_RESET, {"link_path": "reset", "valid_for": HOUR}),
        (MessageKind.PASSWORD_RESET, {"link_path": '/"><b>', "valid_for": HOUR}),
        (MessageKind.PASSWORD_RESET, {"link_path": "/reset\nhttps://evil", "valid_for": HOUR}),
    ],
)
def test_a_link_is_whole_or_refused(app, user, kind, values):
    with pytest.raises(ValueError):
        enqueue(user, kind, **values)


@pytest.mark.parametrize("language", ["uk", "en", "pl"])
def test_in_development_the_link_can_be_copied_out_of_a_file(make_app, tmp_path, language):
    app = make_app(INSTANCE_DIR=str(tmp_path))
    path = f"/reset-password#token={'k' * 90}"
    with app.app_context():
        user = make_user(ui_language=language)
        enqueue(user, MessageKind.PASSWORD_RESET, link_path=path, valid_for=HOUR)
        db.session.commit()
        assert mail_sender().drain().sent == 1
    (file,) = (tmp_path / "mail").iterdir()
    assert f"http://localhost:5173{path}" in file.read_text("utf-8").splitlines()


def test_a_later_mail_takes_the_place_of_a_waiting_one_that_says_the_same(app, user):
    for path in ("/first", "/second"):
        enqueue(user, MessageKind.PASSWORD_RESET, link_path=path, valid_for=HOUR)
    enqueue(user, MessageKind.PASSWORD_CHANGED)
    other = make_user()
    enqueue(other, MessageKind.PASSWORD_CHANGED)
    db.session.commit()
    reset, changed = waiting_mails(user.id)
    assert "/second" in reset.text_body and "/first" not in reset.text_body
    assert changed.kind == "password_changed"
    assert len(waiting_mails(other.id)) == 1


def test_an_account_has_a_bounded_number_of_waiting_mails(app, user):
    other = make_user()
    enqueue(other, MessageKind.PASSWORD_CHANGED)
    for number in range(MOST_WAITING_PER_ACCOUNT + 5):
        enqueue(user, MessageKind.PASSWORD_CHANGED, recipient=f"box{number}@example.org")
    db.session.commit()
    mails = waiting_mails(user.id)
    assert len(mails) == MOST_WAITING_PER_ACCOUNT
    assert [mails[0].recipient, mails[-1].recipient] == ["box5@example.org", "box24@example.org"]
    assert len(waiting_mails(other.id)) == 1


def test_an_erased_account_leaves_no_mail(app, user):
    enqueue(user, MessageKind.PASSWORD_CHANGED)
    db.session.commit()
    db.session.execute(text("delete from users where id = :id"), {"id": user.id})
    db.session.commit()
    assert waiting_mails() == []


def test_who_sends_nothing_stores_nothing(make_app, user):
    with make_app(MAIL_URL="none").app_context():
        enqueue(user, MessageKind.PASSWORD_CHANGED)
        db.session.commit()
    assert waiting_mails() == []
