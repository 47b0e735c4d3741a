"""The former mailbox can undo a change of the address for 72 hours, whatever came after it."""

from datetime import timedelta

import pytest
import requests
import time_machine

from common.clock import now
from profiles.accounts.password_reset.reset_requests import answer_requests
from tests.factories import as_user, make_student, make_user
from tests.profiles.accounts.address.test_change import NEW, ask, confirmation, email_of
from tests.profiles.accounts.endpoints import at_once, events_of, log_in, register
from tests.profiles.accounts.mailbox import (
    RESET,
    UNDO,
    assert_refused,
    mails,
    reset,
    token_to,
    undo,
    verify,
)
from tests.profiles.accounts.sessions.test_open_sessions import Device


def changed(client, user, email=NEW):
    """The token that undoes a change which has just been made."""
    former = email_of(client, user)
    assert verify(client, confirmation(client, user, email)).status_code == 204
    return token_to(former, "email_changed")


def test_undoing_restores_the_address_and_ends_all_sessions(client):
    user = make_user()
    thief = Device(client, user)
    answer = undo(client, changed(client, user))
    assert (answer.status_code, answer.data) == (204, b"")
    assert email_of(client, user) == user.email
    assert not thief.is_open()
    assert log_in(client, NEW).status_code == 400
    assert log_in(client, user.email).status_code == 200


def test_the_restored_mailbox_is_told_and_the_log_says_it(client):
    user = make_user()
    undo(client, changed(client, user))
    assert mails(user.email)[-1] == (user.email, "email_change_undone")
    assert events_of(user, "auth.email_change_undone") == 1
    assert events_of(user, "auth.sessions_ended") == 0


@pytest.mark.parametrize(("hours", "status"), [(71, 204), (73, 400)])
def test_it_can_be_undone_for_72_hours(client, hours, status):
    token = changed(client, make_user())
    with time_machine.travel(now() + timedelta(hours=hours)):
        assert undo(client, token).status_code == status


def test_it_works_once(client):
    token = changed(client, make_user())
    assert undo(client, token).status_code == 204
    assert_refused(undo(client, token))


def test_a_chain_of_changes_is_undone_from_its_first_mailbox(client):
    """A thief who moves on to a second mailbox keeps no way back."""
    user = make_user()
    first = changed(client, user, "thief1@example.org")
    second = changed(client, user, "thief2@example.org")
    pending = confirmation(client, user, "thief3@example.org")
    assert undo(client, first).status_code == 204
    assert email_of(client, user) == user.email
    assert_refused(undo(client, second))
    assert_refused(verify(client, pending))


def test_a_new_password_does_not_take_the_undoing_away(client):
    user = make_user()
    token = changed(client, user)
    client.post(RESET, json={"email": NEW})
    answer_requests()
    assert reset(client, token_to(NEW, "password_reset")).status_code == 204
    assert undo(client, token).status_code == 204
    assert email_of(client, user) == user.email


def test_nobody_can_take_the_former_address_while_its_owner_may_return_to_it(client):
    user, other = make_user(), make_user()
    token = changed(client, user)
    assert register(client, email=user.email).status_code == 409
    answer = verify(client, confirmation(client, other, user.email))
    assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
    assert undo(client, token).status_code == 204
    assert email_of(client, user) == user.email


def test_after_that_the_address_is_free(client):
    user = make_user()
    changed(client, user)
    with time_machine.travel(now() + timedelta(hours=73)):
        assert register(client, email=user.email).status_code == 201


def test_the_owner_can_return_by_another_change(client):
    user = make_user()
    changed(client, user)
    assert verify(client, confirmation(client, user, user.email)).status_code == 204
    assert email_of(client, user) == user.email


def test_an_unverified_former_address_is_told_too_and_proved_by_its_link(client):
    user = make_student(email_verified=False)
    assert undo(client, changed(client, user)).status_code == 204
    assert as_user(client, user).get("/api/users/me/").json["email_verified"] is True


def test_of_ten_at_once_with_one_token_one_wins(live_server, app, client):
    user = make_user()
    token = changed(client, user)

    def use(_):
        return requests.post(f"{live_server.url}{UNDO}", json={"token": token}).status_code

    assert sorted(at_once(10, use)) == [204] + [400] * 9
    assert events_of(user, "auth.email_change_undone") == 1


def test_asking_for_changes_is_limited(client):
    user = make_user()
    answers = [ask(client, user, f"box{number}@example.org").status_code for number in range(6)]
    assert answers == [202] * 5 + [429]


def test_one_mailbox_gets_no_more_than_its_share_whoever_asks(client):
    answers = [ask(client, make_user()).status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]
