"""What accounts are sent, as it waits in the outbox, and the links in it."""

import re

from sqlalchemy import delete, select

from common.database.session import db
from common.mail.models import OutboxMail
from profiles.accounts.password_reset.reset_requests import answer_requests

LINK = re.compile(r"(/[a-z-]+)#token=([A-Za-z0-9_-]{43})\b")
RESET = "/api/auth/password-reset/"
CONFIRM_RESET = "/api/auth/password-reset/confirm/"
VERIFY = "/api/auth/verify-email/"
UNDO = "/api/auth/undo-email-change/"
NEW_PASSWORD = "a longer walk at dawn"


def mails(recipient=None, kind=None):
    """(recipient, kind) of waiting mails, oldest first; those to one mailbox or of one kind."""
    found = _waiting(recipient, kind)
    return [(mail.recipient, mail.kind) for mail in found]


def token_to(recipient, kind):
    """The token in the latest waiting mail of a kind to this mailbox."""
    latest = _waiting(recipient, kind)[-1]
    ((_, in_text),) = LINK.findall(latest.text_body)
    ((_, in_html),) = LINK.findall(latest.html_body)
    assert in_text == in_html
    return in_text


def empty_outbox():
    db.session.execute(delete(OutboxMail))
    db.session.commit()


def _waiting(recipient, kind):
    query = select(OutboxMail).order_by(OutboxMail.id)
    if recipient is not None:
        query = query.where(OutboxMail.recipient == recipient)
    if kind is not None:
        query = query.where(OutboxMail.kind == kind)
    found = db.session.scalars(query).all()
    for mail in found:
        db.session.expunge(mail)
    db.session.rollback()
    return found


def reset_token(client, user):
    """The token of a link for a new password, asked for over HTTP."""
    assert client.post(RESET, json={"email": user.email}).status_code == 202
    answer_requests()
    return token_to(user.email, "password_reset")


def reset(client, token, password=NEW_PASSWORD):
    return client.post(CONFIRM_RESET, json={"token": token, "new_password": password})


def verify(client, token):
    return client.post(VERIFY, json={"token": token})


def undo(client, token):
    return client.post(UNDO, json={"token": token})


def assert_refused(answer):
    """The one answer to whatever token does not work."""
    body = {name: value for name, value in answer.json.items() if name != "instance"}
    assert body == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "code": "invalid_one_time_token",
        "detail": "This link does not work, or works no more. Ask for another one.",
    }
