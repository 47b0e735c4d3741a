"""The address of a registration is verified by a link, which can be sent again."""

from datetime import timedelta

import pytest
import time_machine

from common.clock import now
from profiles.accounts.lookup import find_user_by_email
from tests.factories import PASSWORD, as_user, make_student, make_tutor, make_user
from tests.profiles.accounts.endpoints import events_of, register
from tests.profiles.accounts.mailbox import assert_refused, mails, token_to, verify

AGAIN = "/api/me/email/verification/"
EMAIL = "olena@example.com"


def signed_up(client, **values):
    """A client of somebody who has just registered."""
    return as_user(client, register(client, email=EMAIL, **values).json["user"]["id"])


def is_verified(owner):
    return owner.get("/api/users/me/").json["email_verified"]


def test_a_registration_sends_a_link_that_verifies_the_address(client):
    answer = register(client, email=EMAIL)
    assert answer.status_code == 201
    assert answer.json["user"]["email_verified"] is False
    owner = as_user(client, answer.json["user"]["id"])
    assert mails() == [(EMAIL, "verify_email")]
    answer = verify(client, token_to(EMAIL, "verify_email"))
    assert (answer.status_code, answer.data) == (204, b"")
    assert is_verified(owner)
    assert events_of(find_user_by_email(EMAIL), "auth.email_verified") == 1


def test_a_registration_that_fails_sends_nothing(client):
    register(client, email=EMAIL)
    assert register(client, email=EMAIL.upper()).status_code == 409
    assert register(client, email="other@example.com", password="short").status_code == 422
    assert len(mails()) == 1


@pytest.mark.parametrize(("hours", "status"), [(23, 204), (25, 400)])
def test_a_link_works_for_a_day(client, hours, status):
    signed_up(client)
    with time_machine.travel(now() + timedelta(hours=hours)):
        assert verify(client, token_to(EMAIL, "verify_email")).status_code == status


def test_another_link_can_be_asked_for_and_either_works_once(client):
    owner = signed_up(client)
    first = token_to(EMAIL, "verify_email")
    answer = owner.post(AGAIN)
    assert (answer.status_code, answer.data) == (202, b"")
    second = token_to(EMAIL, "verify_email")
    assert first != second
    assert verify(client, first).status_code == 204
    assert_refused(verify(client, second))


def test_a_verified_address_is_sent_no_link(client):
    owner = as_user(client, make_user())
    assert owner.post(AGAIN).status_code == 202
    assert mails() == []


def test_links_that_are_asked_for_again_and_again_are_limited(client):
    user = make_student(email_verified=False)
    answers = [as_user(client, user).post(AGAIN).status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]


def test_registering_the_same_address_again_and_again_fills_no_mailbox(client):
    for number in range(7):
        owner = signed_up(client, password="a long walk at dusk")
        left = mails(EMAIL, "verify_email")
        assert len(left) == (1 if number < 5 else 0)
        answer = owner.delete("/api/me/", json={"password": "a long walk at dusk"})
        assert answer.status_code == 204


def test_an_email_is_on_the_card_only_once_it_is_verified(client):
    tutor = make_tutor(email=EMAIL, email_verified=False, show_email_publicly=True)
    card = f"/api/marketplace/tutors/{tutor.id}/"
    assert client.get(card).json["email"] is None
    as_user(client, tutor).post(AGAIN)
    verify(client, token_to(EMAIL, "verify_email"))
    assert client.get(card).json["email"] == EMAIL


def test_the_operator_can_say_that_an_address_is_proved(app, client):
    tutor = make_tutor(email=EMAIL, email_verified=False, show_email_publicly=True)
    runner = app.test_cli_runner()
    assert "is verified now" in runner.invoke(args=["verify-user", EMAIL.upper()]).output
    assert client.get(f"/api/marketplace/tutors/{tutor.id}/").json["email"] == EMAIL
    assert "nothing changed" in runner.invoke(args=["verify-user", EMAIL]).output
    result = runner.invoke(args=["verify-user", "nobody@example.com"])
    assert (result.exit_code, "no account" in result.output) == (1, True)


def test_the_operator_s_accounts_are_verified(app):
    result = app.test_cli_runner().invoke(
        args=["create-admin", "root@example.com"], env={"ADMIN_PASSWORD": PASSWORD}
    )
    assert result.exit_code == 0, result.output
    admin = find_user_by_email("root@example.com")
    assert admin.email_verified
    assert mails() == []
