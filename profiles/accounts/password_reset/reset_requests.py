"""Requests for a new password: stored by the view, looked into by a thread of the process.

The view does the same for every address, one insert, so that neither its answer nor the time of
it tells whether there is an account.
"""

from datetime import timedelta

from sqlalchemy import text

from activity import Action, record
from common.clock import now
from common.database.session import db
from profiles.accounts.fields.email import email_key
from profiles.accounts.lookup import find_locked_user
from profiles.accounts.one_time_tokens.issuing import LIFETIMES, issue_token
from profiles.accounts.one_time_tokens.models import Purpose
from profiles.accounts.password_reset.models import PasswordResetRequest
from profiles.messages import MessageKind, enqueue

# After an outage: whoever still wants a new password has asked again.
OLDEST = timedelta(hours=1)
TAKE_NEXT = text("""
    delete from password_reset_requests where id = (
        select id from password_reset_requests order by id limit 1 for update skip locked
    ) returning email_key, requested_at
""")
FIND_ACCOUNT = text("select id from users where email_key = :email_key")
# One that is being looked into is left alone: it finds no account any more.
FORGET = text("""
    delete from password_reset_requests where id in (
        select id from password_reset_requests where email_key = :email_key
        for update skip locked
    )
""")


def request_reset(email: str) -> None:
    """Store a request for whichever account has the address; the caller commits."""
    db.session.add(PasswordResetRequest(email_key=email_key(email), requested_at=now()))


def forget_requests(email: str) -> None:
    """Delete the requests for the address of an account that is erased; the caller commits."""
    db.session.execute(FORGET, {"email_key": email_key(email)})


def answer_requests() -> int:
    """Look into all waiting requests, each in a transaction of its own; how many they were.

    Several processes share them. An active account is sent a link, and finds it in its log.
    """
    number = 0
    while _answer_next():
        number += 1
    return number


def _answer_next() -> bool:
    request = db.session.execute(TAKE_NEXT).one_or_none()
    if request is not None and request.requested_at > now() - OLDEST:
        _send_link(request.email_key)
    db.session.commit()
    return request is not None


def _send_link(key: str) -> None:
    user_id = db.session.scalar(FIND_ACCOUNT, {"email_key": key})
    user = find_locked_user(user_id) if user_id is not None else None
    if user is None or not user.is_active or user.email_key != key:
        return
    token = issue_token(user, Purpose.PASSWORD_RESET, user.email)
    enqueue(
        user,
        MessageKind.PASSWORD_RESET,
        link_path=f"/reset-password#token={token}",
        valid_for=LIFETIMES[Purpose.PASSWORD_RESET],
    )
    record(Action.AUTH_PASSWORD_RESET_REQUESTED, user.id)
