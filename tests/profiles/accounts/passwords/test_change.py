import pytest
import requests

from tests.factories import PASSWORD, as_user, auth_header, make_user
from tests.profiles.accounts.endpoints import at_once, events_of, log_in, refresh
from tests.profiles.accounts.mailbox import mails
from tests.profiles.accounts.sessions.test_open_sessions import Device

PATH = "/api/me/password/"
NEW = "a longer walk at dawn"


def change(device, current=PASSWORD, new=NEW, **extra):
    body = {"current_password": current, "new_password": new, **extra}
    return device.browser.post(PATH, json=body, headers=device.headers)


def test_the_new_password_logs_in_and_the_old_one_no_more(client):
    user = make_user()
    answer = change(Device(client, user))
    assert (answer.status_code, answer.data) == (204, b"")
    assert log_in(client, user).status_code == 400
    assert log_in(client, user, NEW).status_code == 200
    assert events_of(user, "auth.password_changed") == 1


def test_the_owner_is_told_by_mail(client):
    user = make_user()
    change(Device(client, user), current="a guess")
    assert mails() == []
    change(Device(client, user))
    assert mails() == [(user.email, "password_changed")]


def test_every_other_session_ends_with_its_access_token(client):
    user = make_user()
    desk, phone, thief = (Device(client, user) for _ in range(3))
    assert change(desk).status_code == 204
    assert [each.is_open() for each in (desk, phone, thief)] == [True, False, False]
    assert refresh(thief.browser).status_code == 401
    assert refresh(desk.browser).status_code == 200


@pytest.mark.parametrize("current", ["not the password", PASSWORD.upper(), f"{PASSWORD} "])
def test_without_the_present_password_nothing_changes(client, current):
    user = make_user()
    desk, phone = Device(client, user), Device(client, user)
    answer = change(desk, current)
    assert (answer.status_code, answer.json["code"]) == (400, "wrong_password")
    assert phone.is_open()
    assert log_in(client, user).status_code == 200
    assert events_of(user, "auth.password_changed") == 0


@pytest.mark.parametrize("new", ["short", "x" * 129, "password1", "", None, 7])
def test_a_password_that_breaks_a_rule_is_named(client, new):
    answer = change(Device(client, make_user()), new=new)
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]) == ["new_password"]
    assert str(new) not in answer.text or new in ("", None, 7)


def test_unknown_fields_are_refused(client):
    assert change(Device(client, make_user()), new_password_again=NEW).status_code == 422


def test_guessing_the_present_password_is_limited(client):
    user = make_user()
    device = Device(client, user)
    answers = [change(device, "a guess").status_code for _ in range(11)]
    assert answers == [400] * 10 + [429]


def test_a_token_without_a_session_ends_all_of_them(client):
    user = make_user()
    device = Device(client, user)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert as_user(client, user).post(PATH, json=body).status_code == 204
    assert not device.is_open()


def test_of_changes_at_once_from_one_password_one_succeeds(live_server, app):
    user = make_user()
    url, headers = f"{live_server.url}{PATH}", auth_header(user)

    def change_to(number):
        body = {"current_password": PASSWORD, "new_password": f"walk number {number}"}
        return requests.post(url, headers=headers, json=body).status_code

    answers = at_once(6, change_to)
    assert sorted(answers) == [204] + [400] * 5
    assert events_of(user, "auth.password_changed") == 1
