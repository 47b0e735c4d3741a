"""The owner is told by mail what becomes of the two factors."""

import pytest

from tests.profiles.accounts.two_factor.authenticator import Person, second_step
from tests.profiles.messages.outbox import waiting_mails


def mails_to(user):
    return [mail.kind for mail in waiting_mails(user.id)]


def test_turning_them_on_and_off_is_told_and_nothing_else(client):
    person = Person(client)
    person.start()
    person.confirm(person.wrong_code())
    assert mails_to(person.user) == []
    person.turn_on()
    assert mails_to(person.user) == ["two_factor_enabled"]
    person.turn_off(person.wrong_code())
    assert mails_to(person.user) == ["two_factor_enabled"]
    person.turn_off()
    assert mails_to(person.user) == ["two_factor_enabled", "two_factor_disabled"]


def test_a_recovery_code_is_told_and_an_authenticators_code_is_not(client):
    person = Person(client).turn_on()
    assert second_step(client, person.ticket(), person.code()).status_code == 200
    assert "recovery_code_used" not in mails_to(person.user)
    assert second_step(client, person.ticket(), person.recovery_codes[0]).status_code == 200
    assert "recovery_code_used" in mails_to(person.user)


@pytest.mark.parametrize("part", ["text_body", "html_body", "subject"])
def test_no_mail_holds_a_secret_or_a_code(client, part):
    person = Person(client).turn_on()
    second_step(client, person.ticket(), person.recovery_codes[0])
    texts = " ".join(getattr(mail, part) for mail in waiting_mails(person.user.id))
    assert texts
    for secret in (person.authenticator.secret, *person.recovery_codes):
        assert secret not in texts
