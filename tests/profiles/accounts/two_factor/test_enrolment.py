"""Two factors are turned on by an authenticator's code, and off by the password and a code."""

from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import time_machine

from common.clock import now
from tests.factories import PASSWORD, make_user
from tests.profiles.accounts.endpoints import events_of, log_in
from tests.profiles.accounts.sessions.test_open_sessions import Device
from tests.profiles.accounts.two_factor.authenticator import CONFIRM, PATH, Person


@pytest.fixture
def traveller():
    with time_machine.travel(now(), tick=False) as travel:
        yield travel


def test_a_secret_is_answered_as_text_and_as_an_address_for_a_qr_code(client):
    person = Person(client, make_user(email="ola+1@example.org"))
    answer = person.start()
    assert len(answer["secret"]) == 32
    uri = urlsplit(answer["uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Tutor marketplace:ola+1@example.org"
    assert parse_qs(uri.query) == {"secret": [answer["secret"]], "issuer": ["Tutor marketplace"]}


def test_nothing_changes_before_the_secret_is_confirmed(client):
    person = Person(client)
    person.start()
    assert not person.is_on()
    assert log_in(client, person.user).status_code == 200
    assert person.confirm(person.wrong_code()).json["code"] == "wrong_code"
    assert not person.is_on()
    assert events_of(person.user, "auth.two_factor_enabled") == 0


def test_the_first_code_turns_them_on_and_answers_ten_recovery_codes(client):
    person = Person(client)
    person.start()
    answer = person.confirm()
    assert answer.status_code == 200
    assert len(set(answer.json["recovery_codes"])) == 10
    assert person.is_on()
    assert events_of(person.user, "auth.two_factor_enabled") == 1


def test_a_code_may_be_typed_with_spaces(client):
    person = Person(client)
    person.start()
    code = person.code()
    assert person.confirm(f" {code[:3]} {code[3:]} ").status_code == 200


def test_starting_again_replaces_a_secret_that_was_not_confirmed(client):
    person = Person(client)
    first = person.start()["secret"]
    old = person.code()
    assert person.start()["secret"] != first
    assert person.confirm(old).status_code == 400
    assert person.confirm().status_code == 200


def test_a_secret_awaits_its_confirmation_for_an_hour(client, traveller):
    person = Person(client)
    person.start()
    traveller.shift(timedelta(minutes=59))
    with time_machine.travel(now() + timedelta(minutes=1, seconds=1), tick=False):
        late = Person(client, person.user)
        late.authenticator = person.authenticator
        assert late.confirm().status_code == 409
    person = Person(client, person.user)
    person.start()
    assert person.confirm().status_code == 200


def test_nothing_can_be_confirmed_that_was_not_started(client):
    answer = Person(client).http.post(CONFIRM, json={"code": "123456"})
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")


def test_what_is_on_is_not_turned_on_again(client):
    person = Person(client).turn_on()
    assert person.http.post(PATH).status_code == 409
    assert person.confirm().status_code == 409
    assert person.turn_off().status_code == 204


def test_every_other_session_ends_when_they_are_turned_on(client):
    person = Person(client)
    desk, phone = Device(client, person.user), Device(client, person.user)
    person.http.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {desk.access}"
    person.turn_on()
    assert [desk.is_open(), phone.is_open()] == [True, False]
    assert events_of(person.user, "auth.sessions_ended") == 1


def test_password_and_code_turn_them_off(client):
    person = Person(client).turn_on()
    answer = person.turn_off()
    assert (answer.status_code, answer.data) == (204, b"")
    assert not person.is_on()
    assert log_in(client, person.user).status_code == 200
    assert events_of(person.user, "auth.two_factor_disabled") == 1


def test_a_recovery_code_turns_them_off_too(client):
    person = Person(client).turn_on()
    assert person.turn_off(person.recovery_codes[3]).status_code == 204


def test_without_either_of_the_two_they_stay_on(client):
    person = Person(client).turn_on()
    refused = person.turn_off(person.wrong_code())
    assert (refused.status_code, refused.json["code"]) == (400, "wrong_code")
    refused = person.turn_off(person.recovery_codes[0], password="a guess")
    assert (refused.status_code, refused.json["code"]) == (400, "wrong_password")
    assert person.is_on()
    # A code that was refused for the password's sake has not been used.
    assert person.turn_off(person.recovery_codes[0]).status_code == 204


def test_what_is_off_cannot_be_turned_off(client):
    person = Person(client)
    answer = person.http.delete(PATH, json={"password": PASSWORD, "code": "123456"})
    assert answer.status_code == 404
    person.start()
    assert person.turn_off().status_code == 404


def test_turned_on_again_they_have_another_secret_and_other_recovery_codes(client):
    person = Person(client).turn_on()
    old, secret = person.recovery_codes, person.authenticator.secret
    person.turn_off()
    person.turn_on()
    assert person.authenticator.secret != secret
    assert not {*old} & {*person.recovery_codes}
    assert person.turn_off(old[1]).status_code == 400


@pytest.mark.parametrize("path", [PATH, CONFIRM])
def test_secrets_stay_out_of_caches(client, path):
    person = Person(client)
    started = person.http.post(PATH)
    person.start()
    answers = {PATH: started, CONFIRM: person.confirm()}
    assert answers[path].headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "code"),
        ({"code": None}, "code"),
        ({"code": ""}, "code"),
        ({"code": 123456}, "code"),
        ({"code": "1" * 65}, "code"),
        ({"code": "12345\x00"}, "code"),
        ({"code": "123456", "secret": "x"}, "secret"),
    ],
    ids=str,
)
def test_a_body_that_breaks_a_rule_is_named_and_changes_nothing(client, body, field):
    person = Person(client)
    person.start()
    answer = person.http.post(CONFIRM, json=body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]) == [field]
    assert person.confirm().status_code == 200


@pytest.mark.parametrize("code", ["12345", "1234567", "١٢٣٤٥٦", "abcdef", "-", "😀" * 6, "+12345"])
def test_what_is_no_code_at_all_is_a_wrong_one(client, code):
    person = Person(client)
    person.start()
    answer = person.confirm(code)
    assert (answer.status_code, answer.json["code"]) == (400, "wrong_code")


def test_attempts_are_limited(client):
    person = Person(client).turn_on()
    answers = [person.turn_off(person.wrong_code()).status_code for _ in range(9)]
    assert answers == [400] * 8 + [429]
