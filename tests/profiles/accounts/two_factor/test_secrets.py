"""Secrets are encrypted with SECRET_KEY's list, and neither they nor codes are stored or logged."""

import pytest
from sqlalchemy import select, text

from common.database.session import db
from common.operations import logging
from profiles.accounts.two_factor.encryption import decrypt, encrypt, reencrypt
from profiles.accounts.two_factor.models import LoginTicket, RecoveryCode, TwoFactorSecret
from tests.factories import make_user
from tests.profiles.accounts.two_factor.authenticator import Person, second_step

OLD, NEW = "o" * 40, "n" * 40


def everything_stored():
    tables = ("two_factor_secrets", "recovery_codes", "login_tickets", "users", "activity_events")
    rows = [
        row
        for table in tables
        for row in db.session.scalars(text(f"select t::text from {table} t"))
    ]
    db.session.rollback()
    return "\n".join(rows)


def in_any_form(secret):
    return (secret, secret.replace("-", ""), secret.encode().hex())


def test_the_database_holds_neither_secret_nor_codes_nor_tickets(client):
    person = Person(client).turn_on()
    ticket = person.ticket()
    stored = everything_stored()
    for secret in (person.authenticator.secret, ticket, *person.recovery_codes):
        assert not any(form in stored for form in in_any_form(secret))


def test_a_secret_is_read_with_each_key_and_written_with_the_first(make_app):
    with make_app(SECRET_KEY=(OLD,)).app_context():
        encrypted = encrypt("a secret")
    with make_app(SECRET_KEY=(NEW, OLD)).app_context():
        assert decrypt(encrypted) == "a secret"
        written = [encrypt("a secret"), reencrypt(encrypted)]
    with make_app(SECRET_KEY=(NEW,)).app_context():
        assert [decrypt(each) for each in written] == ["a secret"] * 2
        assert decrypt(encrypted) is None and reencrypt(encrypted) is None
    with make_app(SECRET_KEY=(OLD,)).app_context():
        assert decrypt(written[0]) is None


def test_two_factors_outlive_the_change_of_a_key(make_app):
    before, during, after = (make_app(SECRET_KEY=keys) for keys in ((OLD,), (NEW, OLD), (NEW,)))
    with before.app_context():
        person = Person(before.test_client()).turn_on()
        stored = db.session.scalar(select(TwoFactorSecret.encrypted_secret))
        db.session.rollback()
    answer = during.test_cli_runner().invoke(args=["reencrypt-secrets"])
    assert (answer.exit_code, answer.output) == (0, "Encrypted 1 secrets with the first key.\n")
    person.client = after.test_client()
    assert second_step(person.client, person.ticket(), person.code()).status_code == 200
    with after.app_context():
        assert db.session.scalar(select(TwoFactorSecret.encrypted_secret)) != stored


def test_a_key_that_is_dropped_too_early_leaves_the_recovery_codes(make_app):
    before, after = make_app(SECRET_KEY=(OLD,)), make_app(SECRET_KEY=(NEW,))
    with before.app_context():
        person = Person(before.test_client()).turn_on()
    person.client = after.test_client()
    answer = second_step(person.client, person.ticket(), person.code())
    assert (answer.status_code, answer.json["code"]) == (400, "wrong_code")
    assert second_step(person.client, person.ticket(), person.recovery_codes[0]).status_code == 200
    failed = after.test_cli_runner().invoke(args=["reencrypt-secrets"])
    assert failed.exit_code == 1
    assert "1 secrets were encrypted with a key that SECRET_KEY does not hold." in failed.output


@pytest.fixture
def talkative(make_app):
    yield make_app(LOG_LEVEL="DEBUG").test_client()
    logging.configure("WARNING")


def test_no_secret_code_or_ticket_is_ever_logged(talkative, capsys, app):
    person = Person(talkative)
    person.start()
    secrets = [person.authenticator.secret, person.user.email, person.wrong_code()]
    person.confirm(person.wrong_code())
    person.turn_on()
    ticket = person.ticket()
    second_step(talkative, ticket, person.wrong_code())
    secrets += [*person.recovery_codes, ticket, person.code(), person.code(0)]
    for code in (person.code(), person.recovery_codes[0], "x" * 70):
        second_step(talkative, ticket, code)
    person.turn_off(person.recovery_codes[1], password="a guess")
    person.turn_off(person.recovery_codes[1])
    logged = capsys.readouterr()
    assert '"route"' in logged.out
    for secret in [*secrets, "a guess"]:
        assert secret not in logged.out + logged.err


def test_an_operator_turns_two_factors_off_for_who_has_lost_everything(client, app):
    person = Person(client).turn_on()
    person.ticket()
    run = app.test_cli_runner().invoke
    answer = run(args=["disable-two-factor", person.user.email.upper()])
    assert answer.output == (
        f"The account {person.user.email} logs in by its password alone now.\n"
    )
    assert not person.is_on()
    for model in (TwoFactorSecret, RecoveryCode, LoginTicket):
        assert db.session.scalars(select(model)).all() == []
    assert "nothing changed" in run(args=["disable-two-factor", person.user.email]).output
    assert run(args=["disable-two-factor", "nobody@example.org"]).exit_code == 1


def test_the_export_says_that_they_are_on_and_holds_no_secret(client):
    person = Person(client, make_user("tutor")).turn_on()
    second_step(client, person.ticket(), person.recovery_codes[0])
    answer = person.http.get("/api/me/export/")
    account = answer.json["account"]
    assert account["two_factor"] is True and account["two_factor_since"].endswith("Z")
    assert account["recovery_codes_left"] == 9
    for secret in (person.authenticator.secret, *person.recovery_codes):
        assert not any(form in answer.text for form in in_any_form(secret))
