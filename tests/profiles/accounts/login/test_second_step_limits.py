"""Guesses at codes are bounded, and lock no owner out."""

from datetime import timedelta

import pytest
import time_machine

from common.clock import now
from tests.profiles.accounts.endpoints import another_browser, log_in, log_out
from tests.profiles.accounts.two_factor.authenticator import Person, second_step


@pytest.fixture
def person(client):
    return Person(client).turn_on()


def guess(person, browser=None):
    browser = browser or another_browser(person.client)
    return second_step(browser, person.ticket(browser), person.wrong_code())


def test_guesses_at_an_account_are_counted_over_all_tickets_and_browsers(client, make_app):
    strict = make_app(SECOND_FACTOR_LIMIT="3/hour", LOGIN_ACCOUNT_LIMIT="1000/hour").test_client()
    person = Person(strict).turn_on()
    answers = [guess(person).status_code for _ in range(4)]
    assert answers == [400] * 3 + [429]
    refused = second_step(another_browser(strict), person.ticket(), person.code())
    assert (refused.status_code, refused.json["code"]) == (429, "rate_limited")
    assert "Retry-After" in refused.headers
    neighbour = Person(strict).turn_on()
    assert second_step(strict, neighbour.ticket(), neighbour.code()).status_code == 200


def test_what_is_left_of_the_limit_is_announced(person):
    answer = guess(person)
    assert '"minute";q=10;w=60' in answer.headers["RateLimit-Policy"]
    assert '"minute";r=9' in answer.headers["RateLimit"]


def test_a_browser_that_has_logged_in_before_is_not_locked_out_by_others(client, make_app):
    strict = make_app(SECOND_FACTOR_LIMIT="2/hour", LOGIN_ACCOUNT_LIMIT="1000/hour").test_client()
    person, home = Person(strict).turn_on(), another_browser(strict)
    assert second_step(home, person.ticket(home), person.code()).status_code == 200
    log_out(home)
    assert [guess(person).status_code for _ in range(3)] == [400, 429, 429]
    assert second_step(home, person.ticket(home), person.recovery_codes[0]).status_code == 200


def test_a_known_browser_has_a_limit_too(client, make_app):
    strict = make_app(SECOND_FACTOR_DEVICE_LIMIT="2/hour").test_client()
    person, home = Person(strict).turn_on(), another_browser(strict)
    assert second_step(home, person.ticket(home), person.code()).status_code == 200
    assert [guess(person, home).status_code for _ in range(3)] == [400, 400, 429]


def test_who_lacks_the_password_gets_no_ticket_and_spends_nothing_of_the_limit(client, make_app):
    strict = make_app(SECOND_FACTOR_LIMIT="1/hour").test_client()
    person = Person(strict).turn_on()
    for number in range(5):
        assert log_in(another_browser(strict), person.user, "a guess").json.get("ticket") is None
        second_step(another_browser(strict), f"{number}" * 43, person.code())
    assert second_step(strict, person.ticket(), person.code()).status_code == 200


def test_the_password_step_makes_no_browser_known(person, client):
    browser = another_browser(client)
    person.ticket(browser)
    assert browser.get_cookie("device", path="/api/auth") is None
    guess(person, browser)
    assert browser.get_cookie("device", path="/api/auth") is None


def test_at_most_fifty_codes_a_day_are_tried(client, make_app):
    strict = make_app(LOGIN_ACCOUNT_LIMIT="1000/hour").test_client()
    person = Person(strict).turn_on()
    answers = []
    with time_machine.travel(now(), tick=False) as traveller:
        for _ in range(6):
            answers += [guess(person).status_code for _ in range(10)]
            traveller.shift(timedelta(minutes=1, seconds=1))
    assert answers == [400] * 50 + [429] * 10
