"""Changing the address: the password asks, the new mailbox confirms, the old one can undo."""

from datetime import timedelta

import pytest
import requests
import time_machine

from common.clock import now
from profiles.accounts.lookup import find_user_by_email
from tests.factories import PASSWORD, as_user, make_tutor, make_user
from tests.profiles.accounts.endpoints import at_once, events_of, log_in, register
from tests.profiles.accounts.mailbox import (
    VERIFY,
    assert_refused,
    empty_outbox,
    mails,
    reset,
    reset_token,
    token_to,
    verify,
)

PATH = "/api/me/email/"
NEW = "new.address@example.org"


def ask(client, user, email=NEW, password=PASSWORD):
    return as_user(client, user).post(PATH, json={"email": email, "password": password})


def confirmation(client, user, email=NEW):
    """The token that the new mailbox gets."""
    assert ask(client, user, email).status_code == 202
    return token_to(email, "confirm_new_email")


def email_of(client, user):
    return as_user(client, user).get("/api/users/me/").json["email"]


def test_the_new_address_is_in_force_once_its_mailbox_has_confirmed_it(client):
    user = make_user()
    answer = ask(client, user)
    assert (answer.status_code, answer.data) == (202, b"")
    assert email_of(client, user) == user.email
    assert verify(client, token_to(NEW, "confirm_new_email")).status_code == 204
    assert email_of(client, user) == NEW
    assert log_in(client, user.email).status_code == 400
    assert log_in(client, NEW).status_code == 200


def test_the_old_mailbox_is_told_when_it_happens_and_the_log_says_both(client):
    user = make_user()
    token = confirmation(client, user)
    assert mails(user.email) == []
    verify(client, token)
    assert mails(user.email) == [(user.email, "email_changed")]
    assert events_of(user, "auth.email_change_requested") == 1
    assert events_of(user, "auth.email_changed") == 1


def test_confirming_verifies_the_address(client):
    user = make_user(email_verified=False)
    verify(client, confirmation(client, user))
    assert as_user(client, user).get("/api/users/me/").json["email_verified"] is True


def test_the_card_shows_the_address_that_is_in_force(client):
    tutor = make_tutor(show_email_publicly=True)
    card = f"/api/marketplace/tutors/{tutor.id}/"
    token = confirmation(client, tutor)
    assert client.get(card).json["email"] == tutor.email
    verify(client, token)
    assert client.get(card).json["email"] == NEW


def test_without_the_password_nothing_is_sent(client):
    answer = ask(client, make_user(), password="a guess")
    assert (answer.status_code, answer.json["code"]) == (400, "wrong_password")
    assert mails() == []


@pytest.mark.parametrize("email", ["", "no address", None, 7, f"{'x' * 250}@example.org"])
def test_what_is_no_address_is_named(client, email):
    answer = ask(client, make_user(), email)
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]) == ["email"]


def test_a_later_request_replaces_the_one_before(client):
    user = make_user()
    first = confirmation(client, user, "first@example.org")
    second = confirmation(client, user)
    assert_refused(verify(client, first))
    assert verify(client, second).status_code == 204


@pytest.mark.parametrize(("hours", "status"), [(23, 204), (25, 400)])
def test_the_link_works_for_a_day(client, hours, status):
    token = confirmation(client, make_user())
    with time_machine.travel(now() + timedelta(hours=hours)):
        assert verify(client, token).status_code == status


def test_another_spelling_of_the_same_address_is_a_change_too(client):
    user = make_user(email="olena@example.org")
    assert verify(client, confirmation(client, user, "Olena@example.org")).status_code == 204
    assert email_of(client, user) == "Olena@example.org"


def test_the_present_address_is_no_change_but_verified(client):
    user = make_user(email_verified=False)
    assert verify(client, confirmation(client, user, user.email)).status_code == 204
    assert mails(user.email, "email_changed") == []
    assert as_user(client, user).get("/api/users/me/").json["email_verified"] is True


def test_an_address_that_has_an_account_is_answered_and_written_to_like_any_other(client):
    user, other = make_user(), make_user()
    free, taken = ask(client, user), ask(client, user, other.email)
    assert (free.status_code, free.data) == (taken.status_code, taken.data)
    assert [kind for _, kind in mails()] == ["confirm_new_email"] * 2


def test_only_whoever_reads_its_mail_learns_that_an_address_has_become_another_s(client):
    user = make_user()
    token = confirmation(client, user)
    assert register(client, email=NEW.upper()).status_code == 201
    answer = verify(client, token)
    assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
    assert email_of(client, user) == user.email
    assert mails(user.email) == []


def test_links_in_the_old_mailbox_end_with_the_change(client):
    user = make_user()
    token = reset_token(client, user)
    verify(client, confirmation(client, user))
    assert_refused(reset(client, token))


def test_a_new_password_ends_a_change_that_waits(client):
    """Whoever knew the former password may have asked for it."""
    user = make_user()
    token = confirmation(client, user)
    reset(client, reset_token(client, user))
    assert_refused(verify(client, token))
    assert email_of(client, user) == user.email


def test_of_two_accounts_that_want_one_address_at_once_one_gets_it(live_server, app, client):
    users = [make_user() for _ in range(4)]
    tokens = []
    for user in users:
        tokens.append(confirmation(client, user))
        empty_outbox()

    def use(number):
        body = {"token": tokens[number]}
        return requests.post(f"{live_server.url}{VERIFY}", json=body).status_code

    assert sorted(at_once(len(users), use)) == [204, 409, 409, 409]
    assert find_user_by_email(NEW).id in [user.id for user in users]


def test_of_ten_at_once_with_one_token_one_wins(live_server, app, client):
    user = make_user()
    token = confirmation(client, user)

    def use(_):
        return requests.post(f"{live_server.url}{VERIFY}", json={"token": token}).status_code

    assert sorted(at_once(10, use)) == [204] + [400] * 9
    assert events_of(user, "auth.email_changed") == 1
    assert mails(user.email) == [(user.email, "email_changed")]


def test_a_registration_and_a_confirmation_of_one_address_at_once_leave_one_owner(
    live_server, app, client
):
    user = make_user()
    token = confirmation(client, user)
    values = {"email": NEW, "password": "a long walk at dusk", "first_name": "A", "last_name": "B"}

    def act(number):
        if number == 0:
            return requests.post(f"{live_server.url}{VERIFY}", json={"token": token}).status_code
        url = f"{live_server.url}/api/auth/register/"
        return requests.post(url, json=values).status_code

    assert tuple(at_once(2, act)) in {(204, 409), (409, 201)}
