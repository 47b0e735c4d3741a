"""Whatever is wrong with a token, the answer is one and the same, and nothing changes."""

import json
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from common.clock import now
from common.database.session import db
from profiles.accounts.one_time_tokens.issuing import LIFETIMES, issue_token
from profiles.accounts.one_time_tokens.models import OneTimeToken, Purpose
from tests.factories import make_user
from tests.profiles.accounts.endpoints import set_active
from tests.profiles.accounts.mailbox import (
    CONFIRM_RESET,
    NEW_PASSWORD,
    UNDO,
    VERIFY,
    assert_refused,
)

ENDPOINTS = {
    CONFIRM_RESET: {Purpose.PASSWORD_RESET},
    VERIFY: {Purpose.VERIFY_EMAIL, Purpose.CONFIRM_EMAIL},
    UNDO: {Purpose.UNDO_EMAIL},
}
every_endpoint = pytest.mark.parametrize("path", ENDPOINTS)


def issued(user, purpose):
    token = issue_token(user, purpose, f"new-{user.email}")
    db.session.commit()
    return token


def use(client, path, token):
    more = {"new_password": NEW_PASSWORD} if path == CONFIRM_RESET else {}
    # As `json` has it, lone surrogates and all, which the test client's own JSON refuses.
    body = json.dumps({"token": token, **more})
    return client.post(path, data=body, content_type="application/json")


def accounts():
    rows = db.session.execute(text("select * from users order by id")).all()
    db.session.rollback()
    return rows


@every_endpoint
@pytest.mark.parametrize("token", ["", " ", "x", "x" * 43, "х" * 43, "../", "%00", "x" * 4096])
def test_what_is_no_token(client, path, token):
    make_user()
    assert_refused(use(client, path, token))


@every_endpoint
@pytest.mark.parametrize("purpose", Purpose)
def test_a_token_of_another_purpose_is_refused_and_not_used_up(client, path, purpose):
    user = make_user()
    token = issued(user, purpose)
    before = accounts()
    if purpose in ENDPOINTS[path]:
        assert use(client, path, token).status_code == 204
        return
    assert_refused(use(client, path, token))
    assert accounts() == before
    rightful = next(each for each, purposes in ENDPOINTS.items() if purpose in purposes)
    assert use(client, rightful, token).status_code == 204


@pytest.mark.parametrize("purpose", Purpose)
def test_every_token_is_refused_after_its_time_its_use_and_with_its_account(client, purpose):
    path = next(each for each, purposes in ENDPOINTS.items() if purpose in purposes)
    user = make_user()
    expired, used, inactive = (issued(user, purpose) for _ in range(3))
    with time_machine.travel(now() + LIFETIMES[purpose] + timedelta(seconds=1)):
        assert_refused(use(client, path, expired))
    assert use(client, path, used).status_code == 204
    assert_refused(use(client, path, used))
    set_active(user, False)
    assert_refused(use(client, path, inactive))


@every_endpoint
@pytest.mark.parametrize("token", [None, 7, [], {}, True])
def test_what_is_no_text_is_named(client, path, token):
    answer = use(client, path, token)
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]) == ["token"]


@every_endpoint
@pytest.mark.parametrize("token", ["", " ", "x" * 4097, "x\x00", "\ud83d", "жетон", "a\r\nb"])
def test_any_other_text_is_refused_as_a_token_that_does_not_work(client, path, token):
    assert_refused(use(client, path, token))


def test_the_table_holds_no_token(app):
    token = issued(make_user(), Purpose.PASSWORD_RESET)
    stored = db.session.scalars(text("select t::text from one_time_tokens as t")).one()
    assert token not in stored
    assert token.encode().hex() not in stored


def test_expired_tokens_of_others_are_deleted_with_new_ones(app):
    user = make_user()
    with time_machine.travel(now() - timedelta(days=9)):
        issued(make_user(), Purpose.UNDO_EMAIL)
    issued(user, Purpose.VERIFY_EMAIL)
    assert db.session.query(OneTimeToken).count() == 1


@every_endpoint
def test_guessing_is_limited_by_address(client, path):
    answers = [use(client, path, f"guess {number}").status_code for number in range(31)]
    assert answers == [400] * 30 + [429]
