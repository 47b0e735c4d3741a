"""A forgotten password: the link is asked for, comes by mail, and sets another one, once."""

from datetime import timedelta

import pytest
import requests
import time_machine

from common.clock import now
from profiles.accounts.password_reset.reset_requests import answer_requests
from tests.factories import as_user, make_student, make_user
from tests.profiles.accounts.endpoints import (
    another_browser,
    at_once,
    events_of,
    log_in,
    refresh,
    set_active,
)
from tests.profiles.accounts.mailbox import (
    CONFIRM_RESET,
    NEW_PASSWORD,
    RESET,
    assert_refused,
    mails,
    reset,
    reset_token,
)
from tests.profiles.accounts.sessions.test_open_sessions import Device
from tests.profiles.accounts.two_factor.authenticator import Person


def test_the_link_sets_a_password_that_logs_in(client):
    user = make_user()
    answer = reset(client, reset_token(client, user))
    assert (answer.status_code, answer.data) == (204, b"")
    assert log_in(client, user).status_code == 400
    assert log_in(client, user, NEW_PASSWORD).status_code == 200


def test_the_owner_is_told_by_mail_and_finds_both_steps_in_the_log(client):
    user = make_user()
    reset(client, reset_token(client, user))
    assert mails(user.email) == [
        (user.email, "password_reset"),
        (user.email, "password_changed"),
    ]
    assert events_of(user, "auth.password_reset_requested") == 1
    assert events_of(user, "auth.password_reset") == 1


def test_all_sessions_end(client):
    user = make_user()
    desk, phone = Device(client, user), Device(client, user)
    reset(client, reset_token(client, user))
    assert [desk.is_open(), phone.is_open()] == [False, False]
    assert refresh(desk.browser).status_code == 401
    assert events_of(user, "auth.sessions_ended") == 1


@pytest.mark.parametrize("is_verified", [True, False])
def test_two_factors_stay_on_unless_the_mailbox_was_never_proved(client, is_verified):
    """Whoever registers a stranger's address does not lock its owner out."""
    user = make_user(email_verified=is_verified)
    Person(client, user).turn_on()
    assert reset(client, reset_token(client, user)).status_code == 204
    answer = log_in(another_browser(client), user, NEW_PASSWORD)
    assert answer.status_code == (400 if is_verified else 200)
    assert answer.json.get("code") == ("second_factor_required" if is_verified else None)
    assert events_of(user, "auth.two_factor_disabled") == (0 if is_verified else 1)


def test_a_link_works_once(client):
    user = make_user()
    token = reset_token(client, user)
    assert reset(client, token).status_code == 204
    assert_refused(reset(client, token, "another walk at noon"))
    assert log_in(client, user, NEW_PASSWORD).status_code == 200


def test_the_first_use_ends_the_other_links_too(client):
    user = make_user()
    first, second = reset_token(client, user), reset_token(client, user)
    assert reset(client, first).status_code == 204
    assert_refused(reset(client, second))


def test_asking_again_leaves_the_earlier_link_working(client):
    """A stranger who asks must not break the link that the owner has asked for."""
    user = make_user()
    first = reset_token(client, user)
    reset_token(client, user)
    assert reset(client, first).status_code == 204


@pytest.mark.parametrize(("minutes", "status"), [(59, 204), (61, 400)])
def test_a_link_works_for_an_hour(client, minutes, status):
    token = reset_token(client, make_user())
    with time_machine.travel(now() + timedelta(minutes=minutes)):
        answer = reset(client, token)
    assert answer.status_code == status
    if status == 400:
        assert_refused(answer)


def test_a_password_that_is_refused_leaves_the_link_working(client):
    token = reset_token(client, make_user())
    answer = reset(client, token, "password1")
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]) == ["new_password"]
    assert reset(client, token).status_code == 204


def test_a_link_of_an_account_that_was_deactivated_since_is_refused(client):
    user = make_user()
    token = reset_token(client, user)
    set_active(user, False)
    assert_refused(reset(client, token))


def test_a_reset_proves_the_address(client):
    user = make_student(email_verified=False)
    assert as_user(client, user).get("/api/users/me/").json["email_verified"] is False
    reset(client, reset_token(client, user))
    assert as_user(client, user).get("/api/users/me/").json["email_verified"] is True


def test_changing_the_password_ends_the_links_sent_before(client):
    user = make_user()
    token = reset_token(client, user)
    device = Device(client, user)
    body = {"current_password": "correct horse", "new_password": "another walk at noon"}
    path = "/api/me/password/"
    assert device.browser.post(path, json=body, headers=device.headers).status_code == 204
    assert_refused(reset(client, token))


def test_every_address_gets_the_same_answer(client):
    known, inactive = make_user(), make_user()
    set_active(inactive, False)
    answers = [
        client.post(RESET, json={"email": email}, headers={"X-Request-ID": "the-same"})
        for email in (known.email, inactive.email, "nobody@example.org")
    ]
    seen = {(answer.status_code, answer.data, tuple(sorted(answer.headers))) for answer in answers}
    assert len(seen) == 1
    assert (answers[0].status_code, answers[0].data) == (202, b"")
    assert answer_requests() == 3
    assert mails() == [(known.email, "password_reset")]


def test_the_address_is_known_in_any_case(client):
    user = make_user(email="Olena.Reset@example.org")
    client.post(RESET, json={"email": "OLENA.reset@EXAMPLE.org"})
    answer_requests()
    assert mails() == [(user.email, "password_reset")]


def test_a_request_that_waited_too_long_is_dropped(client):
    user = make_user()
    client.post(RESET, json={"email": user.email})
    with time_machine.travel(now() + timedelta(hours=2)):
        assert answer_requests() == 1
    assert mails() == []


@pytest.mark.parametrize("body", [{}, {"email": None}, {"email": 7}, {"email": "no address"}])
def test_what_is_no_address_is_named(client, body):
    answer = client.post(RESET, json=body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]) == ["email"]


def test_of_ten_at_once_with_one_token_one_wins(live_server, app, client):
    user = make_user()
    token = reset_token(client, user)

    def use(number):
        body = {"token": token, "new_password": f"walk number {number}"}
        return requests.post(f"{live_server.url}{CONFIRM_RESET}", json=body).status_code

    assert sorted(at_once(10, use)) == [204] + [400] * 9
    assert events_of(user, "auth.password_reset") == 1
