"""A log-in with two factors: the password gets a ticket, ticket and code get a session."""

import json
from datetime import timedelta

import pytest
import time_machine

from common.clock import now
from common.database.session import db
from profiles.accounts.models import User
from profiles.accounts.passwords.hashing import hash_password
from tests.factories import PASSWORD, make_user
from tests.profiles.accounts.endpoints import (
    COOKIE_PATH,
    another_browser,
    events_of,
    is_authorized,
    log_in,
    refresh,
    set_active,
    token_of,
)
from tests.profiles.accounts.login.test_guessing import logged_failures_of
from tests.profiles.accounts.two_factor.authenticator import SECOND_STEP, Person, second_step


@pytest.fixture
def person(client):
    return Person(client).turn_on()


@pytest.fixture
def browser(client):
    return another_browser(client)


def test_the_password_alone_opens_no_session(person, browser):
    answer = log_in(browser, person.user)
    assert answer.status_code == 400
    assert answer.json["code"] == "second_factor_required"
    assert answer.json["detail"] == "Send the code of your authenticator, or a recovery code."
    assert len(answer.json["ticket"]) > 40
    assert "Set-Cookie" not in answer.headers and "access" not in answer.json
    assert events_of(person.user, "auth.login") == 0


def test_ticket_and_code_answer_what_a_log_in_answers(person, browser):
    answer = second_step(browser, person.ticket(browser), person.code())
    assert answer.status_code == 200
    assert set(answer.json) == {"access", "user"}
    assert answer.json["user"]["id"] == person.user.id and answer.json["user"]["two_factor"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert is_authorized(browser, answer.json["access"])
    assert token_of(browser) and browser.get_cookie("device", path=COOKIE_PATH)
    assert refresh(browser).status_code == 200
    assert events_of(person.user, "auth.login") == 1


def test_a_wrong_password_is_answered_as_without_two_factors(person, client):
    plain = make_user()
    answers = [log_in(client, each, "a guess") for each in (person.user, plain, "no@example.org")]
    bodies = [{**answer.json, "instance": None} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


def test_a_ticket_works_once(person, browser):
    ticket = person.ticket(browser)
    assert second_step(browser, ticket, person.code()).status_code == 200
    answer = second_step(browser, ticket, person.recovery_codes[0])
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_ticket")


def test_a_wrong_code_may_be_tried_again_with_the_same_ticket(person, browser):
    ticket = person.ticket(browser)
    answer = second_step(browser, ticket, person.wrong_code())
    assert (answer.status_code, answer.json["code"]) == (400, "wrong_code")
    assert second_step(browser, ticket, person.code()).status_code == 200


def test_five_wrong_codes_end_a_ticket(person, browser):
    ticket = person.ticket(browser)
    answers = [second_step(browser, ticket, person.wrong_code()).json["code"] for _ in range(5)]
    assert answers == ["wrong_code"] * 5
    assert second_step(browser, ticket, person.code()).json["code"] == "invalid_ticket"
    assert second_step(browser, person.ticket(browser), person.code()).status_code == 200


def broken_tickets(person):
    """Tickets that are good for nothing, by what is wrong with them."""
    other = Person(person.client).turn_on()
    used = person.ticket()
    assert second_step(person.client, used, person.recovery_codes[0]).status_code == 200
    genuine = person.ticket()
    return {
        "used": used,
        "foreign": other.ticket(),
        "malformed": "no ticket",
        "unknown": "A" * len(genuine),
        "cut": genuine[:-1],
        "longer": f"{genuine}A",
        "of another case": genuine.swapcase(),
        "an access token": person.http.environ_base["HTTP_AUTHORIZATION"][7:][:200],
        "not ASCII": "Ґ" * 43,
    }


def test_all_tickets_that_are_no_good_have_one_and_the_same_answer(person, browser):
    answers = {
        why: second_step(browser, ticket, person.code())
        for why, ticket in broken_tickets(person).items()
    }
    # Of another account it is a good ticket, for which this is a wrong code.
    assert answers.pop("foreign").json["code"] == "wrong_code"
    bodies = [{**answer.json, "instance": None} for answer in answers.values()]
    assert {answer.status_code for answer in answers.values()} == {400}
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "invalid_ticket"
    # None of them has used the code up.
    assert second_step(browser, person.ticket(), person.code()).status_code == 200


def test_a_ticket_lives_five_minutes(person, browser):
    with time_machine.travel(now(), tick=False) as traveller:
        early, late = person.ticket(browser), person.ticket(browser)
        traveller.shift(timedelta(minutes=4, seconds=59))
        assert second_step(browser, early, person.code()).status_code == 200
        traveller.shift(timedelta(seconds=31))
        answer = second_step(browser, late, person.code())
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_ticket")


def set_password(user, password):
    live = db.session.get_one(User, user.id)
    live.password_hash = hash_password(password)
    db.session.commit()


def test_a_ticket_dies_with_the_password_that_it_was_given_for(person, browser):
    ticket = person.ticket(browser)
    set_password(person.user, "another password")
    assert second_step(browser, ticket, person.code()).json["code"] == "invalid_ticket"
    ticket = person.ticket(browser, password="another password")
    assert second_step(browser, ticket, person.code()).status_code == 200


def test_another_password_does_not_turn_two_factors_off(person, browser):
    set_password(person.user, "another password")
    answer = log_in(browser, person.user, "another password")
    assert answer.json["code"] == "second_factor_required"


@pytest.mark.parametrize("end", ["deactivated", "erased", "turned off"])
def test_a_ticket_is_worth_nothing_when_the_account_has_changed(person, browser, end):
    ticket, code = person.ticket(browser), person.code()
    if end == "deactivated":
        set_active(person.user, False)
    elif end == "erased":
        assert person.http.delete("/api/me/", json={"password": PASSWORD}).status_code == 204
    else:
        assert person.turn_off(person.recovery_codes[0]).status_code == 204
    answer = second_step(browser, ticket, code)
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_ticket")


def test_the_owner_finds_wrong_codes_among_the_failed_log_ins(person, browser, client):
    second_step(browser, person.ticket(browser), person.wrong_code())
    assert logged_failures_of(client, person.user) == [1]


def test_accounts_without_two_factors_log_in_as_ever(client):
    answer = log_in(client, make_user())
    assert answer.status_code == 200
    assert answer.json["user"]["two_factor"] is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"code": "123456"}, "ticket"),
        ({"ticket": "x"}, "code"),
        ({"ticket": None, "code": "123456"}, "ticket"),
        ({"ticket": ["x"], "code": "123456"}, "ticket"),
        ({"ticket": "x", "code": {}}, "code"),
        ({"ticket": "x", "code": "123456", "email": "a@example.org"}, "email"),
    ],
    ids=str,
)
def test_a_body_that_breaks_a_rule_is_named(client, body, field):
    answer = client.post(SECOND_STEP, json=body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]["json"]) == [field]


@pytest.mark.parametrize("ticket", ["", "x" * 201, "x\x00", "\ud83d", "квиток"])
def test_any_text_that_is_no_ticket_is_refused_as_a_ticket_that_does_not_work(client, ticket):
    # As `json` has it, lone surrogates and all, which the test client's own JSON refuses.
    body = json.dumps({"ticket": ticket, "code": "123456"})
    answer = client.post(SECOND_STEP, data=body, content_type="application/json")
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_ticket")
