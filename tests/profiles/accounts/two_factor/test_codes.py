"""Codes: which are accepted, how long, and that each is accepted once."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from common.clock import now
from profiles.accounts.two_factor.codes import (
    ALPHABET,
    current_step,
    hash_of_recovery_code,
    matching_step,
    new_recovery_code,
    new_secret,
    normal_code,
)
from tests.profiles.accounts.endpoints import another_browser, events_of
from tests.profiles.accounts.two_factor.authenticator import Person, second_step

SECRET = new_secret()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_rfc_6238(seconds, code):
    """Appendix B, the last six digits of its eight."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    with time_machine.travel(datetime.fromtimestamp(seconds, UTC), tick=False):
        assert matching_step(secret, code, after=0) == seconds // 30


@given(steps=st.integers(-5, 5), used=st.integers(-5, 5))
def test_a_code_is_accepted_a_step_around_its_own_and_after_the_last_one_used(steps, used):
    present = current_step()
    code = pyotp.TOTP(SECRET).generate_otp(present + steps)
    with time_machine.travel(datetime.fromtimestamp(present * 30 + 15, UTC), tick=False):
        found = matching_step(SECRET, code, after=present + used)
    assert found == (present + steps if abs(steps) <= 1 and steps > used else None)


@given(st.text())
def test_no_text_breaks_the_check_of_a_code(text):
    step = matching_step(SECRET, normal_code(text), after=0)
    assert step is None or pyotp.TOTP(SECRET).generate_otp(step) == normal_code(text)


def test_a_recovery_code_can_be_copied_by_hand():
    code = new_recovery_code()
    groups = code.split("-")
    assert [len(group) for group in groups] == [4] * 4
    assert set("".join(groups)) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01ilo")


@given(user_id=st.integers(1, 2**31 - 1), other_id=st.integers(1, 2**31 - 1))
def test_a_recovery_code_is_one_accounts_however_it_is_written(user_id, other_id):
    code = new_recovery_code()
    stored = hash_of_recovery_code(user_id, code)
    for written in (code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')}\n"):
        assert hash_of_recovery_code(user_id, written) == stored
    assert (hash_of_recovery_code(other_id, code) == stored) == (other_id == user_id)


def test_a_code_that_was_used_is_not_accepted_again_within_its_window(client):
    person = Person(client).turn_on()
    code = person.code()
    assert second_step(another_browser(client), person.ticket(), code).status_code == 200
    refused = second_step(another_browser(client), person.ticket(), code)
    assert (refused.status_code, refused.json["code"]) == (400, "wrong_code")
    assert person.turn_off(code).status_code == 400


def test_no_code_before_the_last_one_used_is_accepted_either(client):
    with time_machine.travel(now(), tick=False):
        person = Person(client).turn_on()
        earlier, later = person.code(0), person.code(1)
        assert second_step(client, person.ticket(), later).status_code == 200
        assert second_step(client, person.ticket(), earlier).status_code == 400


def test_the_next_code_is_accepted_when_its_time_has_come(client):
    with time_machine.travel(now(), tick=False) as traveller:
        person = Person(client).turn_on()
        for _ in range(3):
            traveller.shift(timedelta(seconds=30))
            assert second_step(client, person.ticket(), person.code(0)).status_code == 200


def test_each_recovery_code_logs_in_once_and_the_owner_finds_it_in_the_log(client):
    person = Person(client).turn_on()
    for left, code in enumerate(reversed(person.recovery_codes)):
        assert second_step(client, person.ticket(), code).status_code == 200
        assert second_step(client, person.ticket(), code).status_code == 400
        if left == 3:
            break
    assert events_of(person.user, "auth.recovery_code_used") == 4
    log = person.http.get("/api/me/activity/?action=auth.recovery_code_used").json["results"]
    assert [event["metadata"]["remaining"] for event in log] == [6, 7, 8, 9]


def test_somebody_elses_recovery_code_is_a_wrong_one(client):
    person, other = Person(client).turn_on(), Person(client).turn_on()
    assert second_step(client, person.ticket(), other.recovery_codes[0]).status_code == 400
    assert second_step(client, other.ticket(), other.recovery_codes[0]).status_code == 200
